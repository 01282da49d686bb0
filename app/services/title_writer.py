"""Titles by the model: after the first answer it says in a few words what a conversation is about.

A title costs nobody's time: it is written while no answer is on its way, at low rank, and given up
as soon as somebody asks something. Then the next pause is waited for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from uuid import uuid4

from PySide6.QtCore import QObject

from app.domain.conversations import Message, Role, Status
from app.services.chat import ChatService
from app.services.chat_events import ModelChoice
from app.services.conversations import ConversationService
from app.services.engine_runner import Chunk, EngineEvent, EngineRunner, RequestFailed
from app.services.futures import FutureRelay
from app.services.quiet import Quiet
from app.services.titles import title_from_model
from app.store import Repository, Store
from inference.engine import (
    ChatMessage,
    Finished,
    FinishReason,
    GenerateRequest,
    Rank,
    Sampling,
    Thinking,
)

log = logging.getLogger(__name__)

MAX_TOKENS = 32
_MAX_CHARS = 800
"""Of question and answer each: what they are about stands at the beginning."""
_ASK = (
    "Write a title for the conversation below: three to six words in the language of the question,"
    " without quotation marks. Answer with the title alone.\n\n"
    "Question: {question}\n\nAnswer: {answer}"
)


class TitleWriter(QObject):
    """Asks for one title at a time."""

    def __init__(
        self,
        store: Store,
        runner: EngineRunner,
        model: Callable[[], ModelChoice | None],
        chat: ChatService,
        conversations: ConversationService,
        quiet: Quiet,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._runner = runner
        self._model = model
        self._conversations = conversations
        self._quiet = quiet
        self._relay = FutureRelay(self)
        self._wanted: dict[int, None] = {}
        self._conversation_id = 0
        self._request_id = ""
        self._text = ""
        chat.message_changed.connect(self._on_message_changed)
        quiet.began.connect(self._start_next)
        quiet.ended.connect(self._give_way)
        runner.event_arrived.connect(self._on_event_arrived)
        runner.request_failed.connect(self._on_request_failed)

    def _on_message_changed(self, message: Message) -> None:
        if message.status in (Status.COMPLETE, Status.LENGTH) and message.content:
            self._wanted[message.conversation_id] = None

    def _start_next(self) -> None:
        if self._conversation_id or not self._wanted or not self._quiet:
            return
        self._conversation_id = next(iter(self._wanted))
        conversation_id = self._conversation_id
        future = self._store.submit(lambda repository: first_turn(repository, conversation_id))
        self._relay.watch(future, self._on_read, self._on_read_failed)

    def _on_read(self, turn: tuple[str, str] | None) -> None:
        model = self._model()
        if turn is None or model is None:
            self._wanted.pop(self._conversation_id, None)
            self._end()
        elif not self._quiet:
            self._end()
        else:
            self._request_id, self._text = f"title-{uuid4().hex}", ""
            self._runner.start(title_request(self._request_id, model, *turn))

    def _on_read_failed(self, error: BaseException) -> None:
        log.warning("no title: %s", error)
        self._wanted.pop(self._conversation_id, None)
        self._end()

    def _give_way(self) -> None:
        if self._request_id:
            self._runner.cancel(self._request_id)

    def _on_event_arrived(self, arrived: EngineEvent) -> None:
        if arrived.request_id != self._request_id:
            return
        match arrived.event:
            case Chunk(text):
                self._text += text
            case Finished(FinishReason.CANCELLED):
                self._end()
            case Finished():
                self._wanted.pop(self._conversation_id, None)
                self._take(self._conversation_id, title_from_model(self._text))
                self._end()

    def _on_request_failed(self, failed: RequestFailed) -> None:
        if failed.request_id == self._request_id:
            # The title stays as it is; a model that fails at this will say so when it is asked.
            log.warning("no title: %s", failed.error)
            self._wanted.pop(self._conversation_id, None)
            self._end()

    def _take(self, conversation_id: int, title: str) -> None:
        if title:
            future = self._store.submit(
                lambda repository: repository.arrangement.set_model_title(conversation_id, title)
            )
            self._relay.watch(future, self._on_taken, partial(log.warning, "title not stored: %s"))

    def _on_taken(self, is_news: bool) -> None:
        if is_news:
            self._conversations.reload()

    def _end(self) -> None:
        self._conversation_id, self._request_id = 0, ""
        self._start_next()


def first_turn(repository: Repository, conversation_id: int) -> tuple[str, str] | None:
    """The first question and its answer; None where there is a title already, or no answer."""
    if repository.arrangement.has_own_title(conversation_id):
        return None
    said = [m for m in repository.messages(conversation_id) if m.content]
    question = next((m.content for m in said if m.role is Role.USER), "")
    answer = next((m.content for m in said if m.role is Role.ASSISTANT), "")
    return (question, answer) if question and answer else None


def title_request(
    request_id: str, model: ModelChoice, question: str, answer: str
) -> GenerateRequest:
    """What the engine is asked; nothing of it is kept."""
    words = _ASK.format(question=question[:_MAX_CHARS], answer=answer[:_MAX_CHARS])
    return GenerateRequest(
        request_id,
        model.params,
        (ChatMessage(Role.USER.value, words),),
        Sampling(temperature=0.0, max_tokens=MAX_TOKENS),
        thinking=Thinking.OFF,
        rank=Rank.BACKGROUND,
        is_private=True,
    )
