"""Tells assistive technology of an answer while it comes: politely, by whole sentences."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from app.domain.conversations import Message, Role, Status
from app.item_models.transcript import TranscriptModel
from app.views.transcript.sentences import Sentences
from app.views.transcript.spoken import ending_words

CHARS_PER_S = 20.0
"""About as fast as speech: what is told faster would be told late, or cut off."""
MIN_PAUSE_MS = 1_000


class Announcer(QObject):
    """Listens to a model; where no assistive technology is active it does nothing."""

    told = Signal(str)
    """These words have been announced."""

    def __init__(self, model: TranscriptModel, view: QWidget) -> None:
        super().__init__(view)
        self._model = model
        self._view = view
        self._message_id: int | None = None
        self._sentences = Sentences()
        self._ending = ""
        self._timer = QTimer(self, singleShot=True, interval=MIN_PAUSE_MS)
        self._timer.timeout.connect(self._on_due)
        model.delta_appended.connect(self._on_delta_appended)
        model.dataChanged.connect(self._on_data_changed)
        model.modelReset.connect(self._forget)
        model.rowsInserted.connect(self._on_rows_inserted)

    def _forget(self) -> None:
        """What is not told yet is of no use any more."""
        self._timer.stop()
        self._message_id = None
        self._ending = ""

    def _on_rows_inserted(self, _parent: QModelIndex, first: int, _last: int) -> None:
        if self._model.message_at(first).role is Role.USER:
            # Who asks anew has heard enough of the answer before.
            self._forget()

    def _on_delta_appended(self, row: int, text: str, _thinking: str) -> None:
        if not text or not QAccessible.isActive():
            return
        message = self._model.message_at(row)
        if message.id != self._message_id:
            self._forget()
            self._message_id = message.id
            self._sentences = Sentences()
        self._sentences.feed(text)
        if not self._timer.isActive():
            self._timer.start(MIN_PAUSE_MS)

    def _on_data_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        if self._message_id is None:
            return
        for row in range(first.row(), last.row() + 1):
            self._note_ending(self._model.message_at(row))

    def _note_ending(self, message: Message) -> None:
        if message.id == self._message_id and message.status is not Status.STREAMING:
            self._ending = ending_words(message)
            if not self._timer.isActive():
                self._timer.start(0)

    def _on_due(self) -> None:
        """Tell the next sentences; the next ones when these have been spoken."""
        words = self._sentences.take(final=bool(self._ending))
        if not words and self._ending:
            words = self._ending
            self._forget()
        if not words:
            return
        self._tell(words)
        if self._message_id is not None:
            self._timer.start(max(round(len(words) / CHARS_PER_S * 1000), MIN_PAUSE_MS))

    def _tell(self, words: str) -> None:
        event = QAccessibleAnnouncementEvent(self._view, words)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
        QAccessible.updateAccessibility(event)
        self.told.emit(words)
