"""How far a long job has come, with a way to end it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.views.buttons import text_button
from app.views.theme import SPACING

_STEPS = 1000


class ProgressDialog(QDialog):
    """Stays until its owner closes it: a job that was cancelled ends at its next step."""

    cancelled = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(SPACING * 50)
        self._over = False
        self.words = QLabel(title, self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(SPACING)
        self.bar.setAccessibleName(title)
        self.cancel_button = text_button(self.tr("Cancel"))
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
        self.cancel_button.setFocus()

    def show_progress(self, words: str, fraction: float) -> None:
        """Say how far it is."""
        self.words.setText(words)
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
        self.words.setText(self.tr("Cancelling…"))
        self.cancelled.emit()
