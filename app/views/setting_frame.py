"""One thing that can be set: its name, its control, the way back to the default, and a sentence."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.views.theme import SPACING


class SettingFrame(QWidget):
    """A control below or beside its name; controls of several lines stand below.

    Args:
        title: The setting's name.
        control: The field.
        reset_button: The way back to the default.
        beside: Where the control stands.
        parent: Owns it.
    """

    reset = Signal()
    """Back to the default."""

    def __init__(
        self,
        title: str,
        control: QWidget,
        reset_button: QPushButton,
        *,
        beside: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = QLabel(title, self)
        self.title.setBuddy(control)
        self.control = control
        self.reset_button = reset_button
        reset_button.clicked.connect(self.reset)
        self.sentence = QLabel(self)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(SPACING if beside else SPACING // 2)
        head.addWidget(self.title, 1)
        if beside:
            head.addWidget(control)
        head.addWidget(reset_button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        if not beside:
            self._column.addWidget(control)
        self._column.addWidget(self.sentence)

    def describe(self, sentence: str) -> None:
        """Say what it does."""
        self.sentence.setText(sentence)
        self.control.setAccessibleDescription(sentence)
