"""Comparing two answers to the last question of a conversation.

Both are given in copies of the conversation that are in memory only. Keeping one stores both as
versions below the question, the kept one as the one that is read.
"""

from __future__ import annotations

from functools import partial

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from app.domain.context import StoredSummary
from app.domain.conversations import Message, Role
from app.domain.steering import Steering
from app.services.chat_events import Activity, Phase
from app.services.futures import FutureRelay
from app.services.notices import notice_of
from app.services.stored_turns import ConversationChanged
from app.services.unkept import UnkeptServices
from app.store import Repository, Store


class Comparison(Struct, frozen=True):
    """What both answers are given to: messages up to the question, and what is set."""

    conversation_id: int
    path: tuple[Message, ...]
    steering: Steering
    summary: StoredSummary | None

    @property
    def question(self) -> Message:
        """What is asked."""
        return self.path[-1]


class CompareService(QObject):
    """Reads what is to be compared from the store, and keeps what was chosen."""

    ready = Signal(object)
    """Comparison"""
    kept = Signal(int)
    """Conversation id: its last answer is another one now."""
    failed = Signal(object)
    """Notice"""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)

    def prepare(self, conversation_id: int) -> None:
        """Read a conversation up to its last question."""
        self._relay.watch(
            self._store.submit(lambda repository: _comparison(repository, conversation_id)),
            self.ready.emit,
            self._on_error,
        )

    def keep(self, comparison: Comparison, kept: Message, other: Message | None) -> None:
        """Let one answer be the conversation's; the other stays as a version."""
        replies = (kept,) if other is None else (other, kept)
        self._relay.watch(
            self._store.submit(lambda repository: _add_versions(repository, comparison, replies)),
            partial(self._on_kept, comparison.conversation_id),
            self._on_error,
        )

    def _on_kept(self, conversation_id: int, _done: None) -> None:
        self.kept.emit(conversation_id)

    def _on_error(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))


class Candidate(QObject):
    """One of the two answers: copies the conversation, and has its question answered.

    Args:
        comparison: What is asked.
        services: Those of its page.
        parent: Owns it.
    """

    begun = Signal(int)
    """Conversation id of a fresh copy, which ends with the question."""
    ended = Signal()
    """The answer has ended, whole or not."""
    failed = Signal(object)
    """Notice"""

    def __init__(
        self, comparison: Comparison, services: UnkeptServices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._comparison = comparison
        self.services = services
        self._relay = FutureRelay(self)
        self._asked_id: int | None = None
        services.chat.activity_changed.connect(self._on_activity_changed)

    def prepare(self) -> None:
        """Show the question, with what is set for the conversation."""
        self._begin(self._comparison.steering, asks=False)

    def ask(self) -> None:
        """Have the question answered, with what is set now."""
        self._begin(self.services.steering.steering or self._comparison.steering, asks=True)

    def _begin(self, steering: Steering, *, asks: bool) -> None:
        comparison = self._comparison
        self._relay.watch(
            self.services.store.submit(lambda repository: _copy(repository, comparison, steering)),
            partial(self._on_begun, asks),
            self._on_error,
        )

    def _on_begun(self, asks: bool, conversation_id: int) -> None:
        self.begun.emit(conversation_id)
        if asks:
            self._asked_id = conversation_id
            self.services.chat.retry(conversation_id)

    def _on_activity_changed(self, activity: Activity) -> None:
        if activity.phase is Phase.IDLE and activity.conversation_id == self._asked_id:
            self._asked_id = None
            self.ended.emit()

    def _on_error(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))
        self.ended.emit()


def _comparison(repository: Repository, conversation_id: int) -> Comparison:
    path = repository.messages(conversation_id)
    while path and path[-1].role is not Role.USER:
        path.pop()
    if not path:
        raise ConversationChanged
    return Comparison(
        conversation_id,
        tuple(path),
        repository.steering.get(conversation_id),
        repository.contexts.get(conversation_id).summary,
    )


def _add_versions(
    repository: Repository, comparison: Comparison, replies: tuple[Message, ...]
) -> None:
    # The one that comes last is the one that is read.
    with repository.transaction():
        for reply in replies:
            _add_reply(repository, comparison.conversation_id, comparison.question.id, reply)


def _add_reply(
    repository: Repository, conversation_id: int, parent_id: int, reply: Message
) -> Message:
    row = repository.begin_reply(conversation_id, parent_id=parent_id, model=reply.model)
    return repository.finish_reply(
        row.id, reply.content, reply.thinking, reply.status, reply.stats, reply.thought_ms
    )


def _copy(repository: Repository, comparison: Comparison, steering: Steering) -> int:
    """Make a conversation that ends with the question; gives its id."""
    with repository.transaction():
        conversation_id = repository.create_conversation("").id
        ids: dict[int, int] = {}
        last: int | None = None
        for message in comparison.path:
            if message.role is Role.ASSISTANT and last is not None:
                last = _add_reply(repository, conversation_id, last, message).id
            else:
                added = repository.add_user_message(
                    conversation_id, message.content, parent_id=last
                )
                last = repository.attachments.add(added, message.attachments).id
            ids[message.id] = last
        repository.steering.set(conversation_id, steering)
        summary = comparison.summary
        if summary is not None and summary.until_id in ids:
            stored = StoredSummary(summary.text, ids[summary.until_id])
            repository.contexts.set_summary(conversation_id, stored)
    return conversation_id
