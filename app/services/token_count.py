"""How many tokens a message that is being written will have, with the conversation before it.

Exact where the model is loaded and nothing else runs, else an estimate that says so. A count never
stands before an answer: it is asked for in pauses only, and withdrawn when a message is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import uuid4

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from app.domain.attachments import Attachment
from app.domain.context import ConversationContext
from app.domain.conversations import Message
from app.domain.steering import Steering
from app.services.attached import model_text, pictures_of, with_attachments
from app.services.chat_events import ModelChoice
from app.services.engine_runner import EngineEvent, EngineRunner, RequestFailed
from app.services.futures import FutureRelay
from app.services.history import history_of, joined
from app.store import Repository, Store
from inference.engine import ChatMessage, Counted, CountRequest, Finished, Loaded
from inference.prompt.context_window import MIN_ANSWER_TOKENS, answer_room

COUNT_AFTER_MS = 400
"""A pause in typing this long asks for a count."""
_BYTES_PER_TOKEN = 4
"""Of UTF-8: about right for English and Chinese with the vocabularies of today."""
_ABOUT_A_PICTURE = 512
"""Projectors make between 64 and 4,096 tokens of one."""
_COUNTED_CHARACTERS_PER_TOKEN = 16
"""A conversation that has more of them for each token of the context is far beyond it."""


class Draft(Struct, frozen=True):
    """What is being written.

    Args:
        conversation_id: Where; None where the conversation does not exist yet.
        path: The messages before it.
        text: Its words.
        attachments: Its files.
        beginning: How a conversation that does not exist yet will be answered.
    """

    conversation_id: int | None
    path: tuple[Message, ...]
    text: str
    attachments: tuple[Attachment, ...] = ()
    beginning: Steering | None = None


class TokenCount(Struct, frozen=True):
    """Tokens of a draft.

    Args:
        draft: What was counted.
        n_prompt: Of the conversation with the draft.
        n_question: Of the draft and what no policy leaves out.
        n_ctx: What the context holds; 0 where it is not known, and the others are estimates.
        files: Of each attachment.
    """

    draft: Draft
    n_prompt: int
    n_question: int
    n_ctx: int
    files: tuple[int, ...]

    @property
    def is_exact(self) -> bool:
        """Whether the model's own vocabulary has counted."""
        return self.n_ctx > 0

    @property
    def leaves_out(self) -> bool:
        """Whether the oldest messages will not be in the prompt."""
        return self.is_exact and self.n_prompt > self.n_ctx - answer_room(self.n_ctx)

    @property
    def room(self) -> int:
        """Tokens that a question may have at most."""
        return self.n_ctx - MIN_ANSWER_TOKENS

    @property
    def is_too_long(self) -> bool:
        """Whether the model cannot read the draft, even alone."""
        return self.is_exact and self.n_question > self.room


class TokenCounter(QObject):
    """Counts the newest draft that it was asked about."""

    counted = Signal(object)
    """TokenCount"""

    def __init__(
        self,
        store: Store,
        runner: EngineRunner,
        model: Callable[[], ModelChoice | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._runner = runner
        self._model = model
        self._relay = FutureRelay(self)
        self._make_draft: Callable[[], Draft] | None = None
        self._draft: Draft | None = None
        self._request_id = ""
        self._is_delayed = False
        """Whether the engine was busy: there is an estimate where there could be a count."""
        self._n_ctx = 0
        self._timer = QTimer(self, singleShot=True, interval=COUNT_AFTER_MS)
        self._timer.timeout.connect(self._on_due)
        runner.event_arrived.connect(self._on_event_arrived)
        runner.request_failed.connect(self._on_request_failed)

    def ask(self, make_draft: Callable[[], Draft]) -> None:
        """Count soon what `make_draft` then gives; `counted` tells."""
        self.withdraw()
        self._make_draft = make_draft
        self._timer.start()

    def withdraw(self) -> None:
        """Nobody wants the count any more."""
        if not isValid(self._timer):
            return  # a page may outlive its program by one turn of the event loop
        self._timer.stop()
        self._is_delayed = False
        self._make_draft = self._draft = None
        if self._request_id:
            self._runner.cancel(self._request_id)
            self._request_id = ""

    def _on_due(self) -> None:
        if self._make_draft is None:
            return
        draft = self._draft = self._make_draft()
        if draft.conversation_id is None:
            self._on_read(draft, (ConversationContext(), draft.beginning or Steering()))
            return
        self._relay.watch(
            self._store.submit(partial(_read, draft.conversation_id)),
            partial(self._on_read, draft),
            partial(self._on_unreadable, draft),
        )

    def _on_unreadable(self, draft: Draft, _error: BaseException) -> None:
        self._estimate(draft)

    def _on_read(self, draft: Draft, read: tuple[ConversationContext, Steering]) -> None:
        if draft is not self._draft:
            return
        context, steering = read
        model = self._model()
        is_other = model is not None and steering.model not in (None, model.params.path)
        if model is None or is_other or not self._runner.is_idle:
            self._is_delayed = not self._runner.is_idle
            self._estimate(draft)
            return
        history = history_of(
            _recent(draft.path, self._n_ctx),
            continuing=False,
            system_prompt=steering.system_prompt,
        )
        pictures = pictures_of(draft.attachments)
        content = with_attachments(draft.text, draft.attachments)
        question = ChatMessage("user", content, pictures=pictures)
        messages = history.messages
        if messages and messages[-1].role == question.role:
            messages, question = messages[:-1], joined(messages[-1], question)
        self._request_id = uuid4().hex
        self._runner.start(
            CountRequest(
                self._request_id,
                model.params,
                (*messages, question),
                tuple(file.text for file in draft.attachments if not file.is_picture),
                history.summary(context),
                pictures,
            )
        )

    def _on_event_arrived(self, arrived: EngineEvent) -> None:
        if isinstance(arrived.event, Loaded):
            self._n_ctx = arrived.event.n_ctx
        if self._is_delayed and self._runner.is_idle:
            self._is_delayed = False
            self._timer.start()
        draft = self._draft
        if draft is None or arrived.request_id != self._request_id:
            return
        match arrived.event:
            case Counted(n_prompt, n_question, n_ctx, texts, pictures) if n_ctx:
                self._request_id = ""
                self._n_ctx = n_ctx
                files = _in_order(draft.attachments, texts, pictures)
                self.counted.emit(TokenCount(draft, n_prompt, n_question, n_ctx, files))
            case Counted() | Finished():
                self._estimate(draft)

    def _on_request_failed(self, failed: RequestFailed) -> None:
        if self._draft is not None and failed.request_id == self._request_id:
            self._estimate(self._draft)

    def _estimate(self, draft: Draft) -> None:
        self._request_id = ""
        if draft is self._draft:
            self.counted.emit(_estimated(draft))


def _read(conversation_id: int, repository: Repository) -> tuple[ConversationContext, Steering]:
    return repository.contexts.get(conversation_id), repository.steering.get(conversation_id)


def _in_order(
    attachments: Sequence[Attachment], texts: Sequence[int], pictures: Sequence[int]
) -> tuple[int, ...]:
    """The tokens of each attachment, of which texts and pictures were counted apart."""
    counts = {False: iter(texts), True: iter(pictures)}
    return tuple(next(counts[file.is_picture], 0) for file in attachments)


def _estimated(draft: Draft) -> TokenCount:
    files = tuple(map(_about_file, draft.attachments))
    question = _about(draft.text) + sum(files)
    before = sum(_about_message(message) for message in draft.path)
    return TokenCount(draft, before + question, question, 0, files)


def _about_message(message: Message) -> int:
    n_pictures = sum(file.is_picture for file in message.attachments)
    return _about(model_text(message)) + n_pictures * _ABOUT_A_PICTURE


def _about_file(file: Attachment) -> int:
    return _ABOUT_A_PICTURE if file.is_picture else _about(file.text)


def _about(text: str) -> int:
    n_bytes = len(text.encode("utf-8", "surrogatepass"))
    return -(-n_bytes // _BYTES_PER_TOKEN)


def _recent(path: Sequence[Message], n_ctx: int) -> Sequence[Message]:
    """The end of a conversation that is more than any context of that length holds."""
    room = n_ctx * _COUNTED_CHARACTERS_PER_TOKEN
    if not room:
        return path
    for start in range(len(path) - 1, -1, -1):
        room -= len(path[start].content) + sum(len(file.text) for file in path[start].attachments)
        if room < 0:
            return path[start:]
    return path
