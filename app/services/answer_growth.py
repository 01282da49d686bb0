"""What the engine tells while it answers: progress, words, what it does not see, which experts."""

from __future__ import annotations

import logging
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.services.activities import Activities
from app.services.chat_events import ExpertsUsed, Phase, ReplyChunk, TurnFailed, summary_notice
from app.services.engine_runner import Chunk
from app.services.futures import FutureRelay
from app.services.notices import notice_of
from app.services.reply_saver import ReplySaver
from app.services.turns import Turn
from app.store import Store
from inference.engine import (
    Event,
    ExpertCounts,
    Loaded,
    LoadProgress,
    MessagesUnseen,
    PrefillProgress,
    SummaryProgress,
)

log = logging.getLogger(__name__)


class AnswerGrowth(QObject):
    """Notes it in the turn, has it saved, and tells of it; how a turn ends is not its affair."""

    grew = Signal(object)
    """ReplyChunk"""
    message_changed = Signal(object)
    """Message"""
    experts_used = Signal(object)
    """ExpertsUsed"""
    summary_failed = Signal(object)
    """Notice"""
    failed = Signal(object)
    """TurnFailed: something could not be remembered; the answer goes on."""

    def __init__(
        self, store: Store, saver: ReplySaver, activities: Activities, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._saver = saver
        self._activities = activities
        self._relay = FutureRelay(self)

    def take(self, turn: Turn, event: Event | Chunk) -> None:
        """Take in one event about a turn."""
        match event:
            case Chunk(text, thinking):
                self._grow(turn, text, thinking)
            case MessagesUnseen() as unseen:
                self._hide(turn, unseen)
            case ExpertCounts() as counts:
                self.experts_used.emit(ExpertsUsed(turn.conversation_id, counts))
            case LoadProgress(fraction):
                self._activities.set(turn.conversation_id, Phase.LOADING, fraction)
            case Loaded():
                self._activities.set(turn.conversation_id, Phase.READING)
            case PrefillProgress(done, total):
                fraction = done / total if total else 0.0
                self._activities.set(turn.conversation_id, Phase.READING, fraction)
            case SummaryProgress(fraction):
                self._activities.set(turn.conversation_id, Phase.SUMMARISING, fraction)

    def _grow(self, turn: Turn, text: str, thinking: str) -> None:
        thought_ms = turn.message().thought_ms
        turn.append(text, thinking)
        self._activities.set(turn.conversation_id, Phase.ANSWERING)
        message = turn.message()
        self.grew.emit(
            ReplyChunk(turn.request_id, turn.conversation_id, message.id, text, thinking)
        )
        if message.thought_ms != thought_ms:
            self.message_changed.emit(message)
        self._saver.save(turn)

    def _hide(self, turn: Turn, unseen: MessagesUnseen) -> None:
        hidden = turn.hide(unseen)
        reply = turn.message()
        self._relay.watch(
            self._store.submit(lambda repository: hidden.record(repository, reply)),
            self._on_hidden_recorded,
            partial(self._on_hide_failed, turn),
        )
        self.message_changed.emit(reply)
        if unseen.note:
            self.summary_failed.emit(summary_notice(unseen.note))

    def _on_hidden_recorded(self, _done: None) -> None:
        """Nothing to tell."""

    def _on_hide_failed(self, turn: Turn, error: BaseException) -> None:
        log.warning("what the model does not see is not remembered: %s", error)
        self.failed.emit(TurnFailed(turn.request_id, turn.conversation_id, notice_of(error)))
