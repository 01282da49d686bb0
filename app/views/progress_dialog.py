"""How far a long job has come, with a way to end it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.theme import SPACING

_STEPS = 1000


class ProgressDialog(QDialog):
    """Stays until its owner closes it: a job that was cancelled ends at its next step.

    Args:
        title: What is done, in the language of the moment.
        parent: Waits for it.
    """

    cancelled = Signal()

    def __init__(self, title: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(SPACING * 50)
        self._over = False
        self._title = title
        self._words = title
        self.words = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(SPACING)
        self.cancel_button = text_button("")
        self.cancel_button.clicked.connect(self._cancel)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.cancel_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING * 3 // 2)
        column.addWidget(self.words)
        column.addWidget(self.bar)
        column.addLayout(row)
        follow_language(self, self._say)
        self.cancel_button.setFocus()

    def _say(self) -> None:
        self.setWindowTitle(self._title())
        self.bar.setAccessibleName(self._title())
        self.words.setText(self._words())
        self.cancel_button.setText(self.tr("Cancel"))

    def show_progress(self, words: Callable[[], str], fraction: float) -> None:
        """Say how far it is."""
        self._words = words
        self.words.setText(words())
        self.bar.setValue(round(fraction * _STEPS))

    def finish(self) -> None:
        """The job is over."""
        self._over = True
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc cancels."""
        if event.key() == Qt.Key.Key_Escape:
            self._cancel()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the dialog cancels, and waits for the end of the job."""
        if self._over:
            super().closeEvent(event)
        else:
            event.ignore()
            self._cancel()

    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self._words = lambda: self.tr("Cancelling…")
        self.words.setText(self._words())
        self.cancelled.emit()
