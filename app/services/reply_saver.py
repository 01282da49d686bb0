"""Brings answers to the store: at intervals while they grow, and at their end until it succeeds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.conversations import Message, Status
from app.errors import StoreClosed, StoreMissing
from app.services.futures import FutureRelay
from app.services.notices import Notice, notice_of
from app.services.stored_turns import record_end
from app.services.turns import SAVE_INTERVAL_S, Turn
from app.store import Store
from inference.engine import Finished

log = logging.getLogger(__name__)

TRY_AGAIN_MS = 3000


class SaveFailed(Struct, frozen=True):
    """An answer could not be saved; told once for each answer."""

    request_id: str
    conversation_id: int
    notice: Notice


class ReplySaver(QObject):
    """Saves what turns have so far, and how they ended."""

    failed = Signal(object)
    """SaveFailed"""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)
        self._turn: Turn | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_due)

    def save(self, turn: Turn) -> None:
        """Save the text so far: the first words at once, later ones when it is time."""
        self._turn = turn
        wait_s = turn.saved_at + SAVE_INTERVAL_S - time.monotonic()
        if wait_s > 0:
            if not self._timer.isActive():
                self._timer.start(int(wait_s * 1000) + 1)
        elif not turn.saving:
            self._submit(turn)

    def end(self, turn: Turn, status: Status, finished: Finished | None) -> None:
        """Record how an answer ended; one without a word is removed."""
        self._timer.stop()
        self._turn = None
        self._record(turn, partial(self._submit_end, turn, status, finished))

    def _on_due(self) -> None:
        if self._turn is not None:
            self.save(self._turn)

    def _submit(self, turn: Turn) -> None:
        message = turn.message()
        turn.saved_at = time.monotonic()
        turn.saving = True
        future = self._store.submit(
            lambda repository: repository.save_reply(
                message.id, message.content, message.thinking, message.thought_ms
            )
        )
        self._relay.watch(
            future, partial(self._on_saved, turn, message), partial(self._on_save_failed, turn)
        )

    def _on_saved(self, turn: Turn, saved: Message, _done: None) -> None:
        turn.saving = False
        if turn is self._turn and turn.message() != saved:
            self.save(turn)

    def _on_save_failed(self, turn: Turn, error: BaseException) -> None:
        turn.saving = False
        self._tell(turn, error)

    def _submit_end(self, turn: Turn, status: Status, finished: Finished | None) -> Future[object]:
        ended = turn.ended(status, finished)
        return self._store.submit(lambda repository: record_end(repository, ended))

    def _record(self, turn: Turn, submit: Callable[[], Future[object]]) -> None:
        self._relay.watch(submit(), _ignore, partial(self._on_record_failed, turn, submit))

    def _on_record_failed(
        self, turn: Turn, submit: Callable[[], Future[object]], error: BaseException
    ) -> None:
        self._tell(turn, error)
        if not isinstance(error, StoreClosed | StoreMissing):
            # A lock is released, a disk is cleared: until then the words are only on the screen.
            QTimer.singleShot(TRY_AGAIN_MS, self, partial(self._record, turn, submit))

    def _tell(self, turn: Turn, error: BaseException) -> None:
        log.warning("answer not saved: %s", error)
        if not turn.save_failed:
            turn.save_failed = True
            self.failed.emit(SaveFailed(turn.request_id, turn.conversation_id, notice_of(error)))


def _ignore(_result: object) -> None:
    """The result says nothing new."""
