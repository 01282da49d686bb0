"""The journey of an answer: question stored, engine asked, words shown and saved, end recorded.

Owns the line of turns: one runs, the others wait. How an answer begins is `AnswerBeginning`'s, what
the engine tells of it `AnswerGrowth`'s; the engine's thread is `EngineRunner`'s, rows are the
store's, and which model answers is `ModelService`'s to say.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from app.domain.attachments import Attachment
from app.domain.conversations import Message, Status
from app.domain.steering import Steering
from app.services.activities import Activities
from app.services.answer_beginning import AnswerBeginning, NotBegun, Ready
from app.services.answer_growth import AnswerGrowth
from app.services.chat_events import (
    Activity,
    ModelChoice,
    Phase,
    TurnFailed,
    no_words,
    plain_model,
)
from app.services.engine_runner import EngineEvent, EngineRunner, RequestFailed
from app.services.notices import notice_of
from app.services.question_keeper import QuestionKeeper
from app.services.reply_saver import ReplySaver, SaveFailed
from app.services.stored_turns import (
    NoModelChosen,
    Question,
    discard_answer,
)
from app.services.turns import STATUS_OF_REASON, Begun, Turn
from app.store import Repository, Store
from inference.engine import Finished, FinishReason
from inference.errors import ModelError

log = logging.getLogger(__name__)


class ChatService(QObject):
    """Sends questions and carries the answers to the window and the store.

    Args:
        store: Where conversations are.
        runner: Runs the requests.
        model: The model of conversations that have none of their own.
        parent: Owns it.
        model_at: How the model of a file is run.
        is_private: Nothing of the conversations may touch the disk.
    """

    question_stored = Signal(object)
    """Question"""
    message_added = Signal(object)
    """Message: an answer begins."""
    message_changed = Signal(object)
    """Message: an answer goes on or has ended."""
    message_removed = Signal(object)
    """Message: an answer that never got a word."""
    reply_grew = Signal(object)
    """ReplyChunk"""
    activity_changed = Signal(object)
    """Activity"""
    send_failed = Signal(object)
    """SendFailed"""
    turn_failed = Signal(object)
    """TurnFailed"""
    experts_used = Signal(object)
    """ExpertsUsed: about twice a second, where `records_experts` is set."""
    summary_failed = Signal(object)
    """Notice: the oldest messages are left out without a summary."""

    def __init__(
        self,
        store: Store,
        runner: EngineRunner,
        model: Callable[[], ModelChoice | None],
        parent: QObject | None = None,
        *,
        model_at: Callable[[Path], Future[ModelChoice]] = plain_model,
        is_private: bool = False,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._runner = runner
        self._private_name = f"private-{uuid4().hex}" if is_private else ""
        self._waiting: deque[Turn] = deque()
        self._active: Turn | None = None
        self._activities = Activities(self)
        self._activities.changed.connect(self.activity_changed)
        self._beginning = AnswerBeginning(store, model, model_at, self)
        self._beginning.begun.connect(self._on_begun)
        self._beginning.ready.connect(self._on_ready)
        self._beginning.failed.connect(self._on_not_begun)
        self._closed = False
        self.records_experts = False
        """Whether answers from the next one on tell which experts they pick."""
        self._questions = QuestionKeeper(store, self)
        self._questions.stored.connect(self._on_question_stored)
        self._questions.failed.connect(self.send_failed)
        self._saver = ReplySaver(store, self)
        self._saver.failed.connect(self._on_save_failed)
        self._growth = growth = AnswerGrowth(store, self._saver, self._activities, self)
        for told, signal in (
            (growth.grew, self.reply_grew),
            (growth.message_changed, self.message_changed),
            (growth.experts_used, self.experts_used),
            (growth.summary_failed, self.summary_failed),
            (growth.failed, self.turn_failed),
        ):
            told.connect(signal)
        runner.event_arrived.connect(self._on_event_arrived)
        runner.request_failed.connect(self._on_request_failed)

    # Asking

    def send(
        self,
        conversation_id: int | None,
        text: str,
        *,
        replacing: Message | None = None,
        steering: Steering | None = None,
        attachments: tuple[Attachment, ...] = (),
    ) -> str:
        """Store a question and have it answered.

        Args:
            conversation_id: None starts a conversation.
            text: The question.
            replacing: A question which this one stands for.
            steering: How a conversation that starts is answered.
            attachments: Files that belong to it; with one the text may be empty.

        Returns:
            The id of the request, "" where nothing was to be done: no text, or an answer is on its
            way in this conversation.
        """
        text = text.strip()
        if not (text or attachments) or (
            conversation_id is not None and self.is_busy(conversation_id)
        ):
            return ""
        return self._questions.keep(conversation_id, text, replacing, steering, attachments)

    def continue_reply(self, conversation_id: int) -> str:
        """Go on with the last answer, which was cut off; "" where an answer is on its way."""
        return self._queue(uuid4().hex, conversation_id, continuing=True)

    def regenerate(
        self, conversation_id: int, question_id: int, model_path: Path | None = None
    ) -> str:
        """Answer a question once more, beside its other answers; "" as in `continue_reply`.

        Args:
            conversation_id: Which conversation.
            question_id: A message in it.
            model_path: The model for this one answer; None: the one that answers there anyway.
        """
        return self._queue(
            uuid4().hex,
            conversation_id,
            continuing=False,
            question_id=question_id,
            model_path=model_path,
        )

    def retry(self, conversation_id: int) -> str:
        """Answer the last message, a question without an answer; "" as in `continue_reply`."""
        return self._queue(uuid4().hex, conversation_id, continuing=False)

    def stop(self, conversation_id: int) -> None:
        """End the answer on its way, or leave the line."""
        active = self._active
        if active is not None and active.conversation_id == conversation_id:
            active.stopped = True
            self._runner.cancel(active.request_id)
            return
        for turn in tuple(self._waiting):
            if turn.conversation_id == conversation_id:
                self._waiting.remove(turn)
                self._activities.set(conversation_id, Phase.IDLE)

    # Asking about

    def activity(self, conversation_id: int) -> Activity:
        """What a conversation is doing."""
        return self._activities.of(conversation_id)

    def is_busy(self, conversation_id: int) -> bool:
        """Whether an answer is on its way in a conversation."""
        return self._activities.is_busy(conversation_id)

    def live_reply(self, conversation_id: int) -> Message | None:
        """The answer on its way as it is now; the store is up to half a second behind."""
        turn = self._active
        if turn is None or turn.conversation_id != conversation_id or turn.reply is None:
            return None
        return turn.message()

    def flush(self) -> None:
        """The program ends: record what is on the screen, and do nothing more."""
        self._runner.drain()
        self._closed = True
        self._beginning.close()
        self._waiting.clear()
        turn, self._active = self._active, None
        if turn is None:
            return
        if turn.reply is not None:
            self._saver.end(turn, Status.INTERRUPTED, None)
        elif turn.begun is not None and not turn.continuing:
            begun = turn.begun
            # The store works in order: the row is there by the time this runs.
            self._store.submit(lambda repository: _discard_begun(repository, begun))

    # The line

    def _on_question_stored(self, question: Question) -> None:
        self._queue(question.request_id, question.conversation_id, continuing=False)
        self.question_stored.emit(question)

    def _queue(
        self,
        request_id: str,
        conversation_id: int,
        *,
        continuing: bool,
        question_id: int | None = None,
        model_path: Path | None = None,
    ) -> str:
        if self.is_busy(conversation_id) or self._closed:
            return ""
        turn = Turn(
            request_id,
            conversation_id,
            continuing,
            question_id=question_id,
            model_path=model_path,
        )
        self._waiting.append(turn)
        self._activities.set(conversation_id, Phase.WAITING)
        self._start_next()
        return request_id

    def _start_next(self) -> None:
        if self._active is not None or not self._waiting or self._closed:
            return
        turn = self._active = self._waiting.popleft()
        self._activities.set(turn.conversation_id, Phase.READING)
        self._beginning.start(turn)

    def _on_begun(self, begun: Begun) -> None:
        signal = self.message_added if begun.before is None else self.message_changed
        signal.emit(begun.reply)

    def _on_ready(self, ready: Ready) -> None:
        turn = ready.turn
        if turn.stopped:
            self._end(turn, Status.STOPPED, None)
        elif not self._closed:
            name = f"{self._private_name}-{turn.conversation_id}" if self._private_name else ""
            request = ready.begun.request(turn.request_id, ready.model.params, private_name=name)
            self._runner.start(replace(request, record_experts=self.records_experts))

    def _on_not_begun(self, failed: NotBegun) -> None:
        if failed.has_row:
            self._end(failed.turn, Status.INTERRUPTED, None)
            self._tell_failed(failed.turn, failed.error)
            return
        log.warning("answer not begun: %s", failed.error)
        turn, error = failed.turn, failed.error
        is_model = isinstance(error, NoModelChosen)
        self._give_up(
            turn, TurnFailed(turn.request_id, turn.conversation_id, notice_of(error), is_model)
        )

    def _give_up(self, turn: Turn, failure: TurnFailed) -> None:
        self._active = None
        self._activities.set(turn.conversation_id, Phase.IDLE)
        self.turn_failed.emit(failure)
        self._start_next()

    # The answer

    def _on_event_arrived(self, arrived: EngineEvent) -> None:
        turn = self._active
        if turn is None or turn.request_id != arrived.request_id:
            return
        if isinstance(arrived.event, Finished):
            self._finish(turn, arrived.event)
        else:
            self._growth.take(turn, arrived.event)

    def _finish(self, turn: Turn, finished: Finished) -> None:
        self._end(turn, STATUS_OF_REASON[finished.reason], finished)
        if turn.is_empty and finished.reason is not FinishReason.CANCELLED:
            self.turn_failed.emit(no_words(turn.request_id, turn.conversation_id))

    def _on_request_failed(self, failed: RequestFailed) -> None:
        turn = self._active
        if turn is None or turn.request_id != failed.request_id:
            return
        log.warning("answer broke off: %s", failed.error)
        self._end(turn, Status.INTERRUPTED, None)
        self._tell_failed(turn, failed.error)

    def _tell_failed(self, turn: Turn, error: BaseException) -> None:
        is_model = isinstance(error, ModelError)
        self.turn_failed.emit(
            TurnFailed(turn.request_id, turn.conversation_id, notice_of(error), is_model)
        )

    def _end(self, turn: Turn, status: Status, finished: Finished | None) -> None:
        self._active = None
        self._saver.end(turn, status, finished)
        if turn.is_empty:
            self.message_removed.emit(turn.message())
        else:
            self.message_changed.emit(turn.ended(status, finished))
        self._activities.set(turn.conversation_id, Phase.IDLE)
        self._start_next()

    def _on_save_failed(self, failed: SaveFailed) -> None:
        self.turn_failed.emit(TurnFailed(failed.request_id, failed.conversation_id, failed.notice))


def _discard_begun(repository: Repository, begun: Future[Begun]) -> None:
    if begun.exception() is None:
        discard_answer(repository, begun.result().reply)
