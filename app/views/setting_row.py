"""One setting: its name, its control, a sentence that says what it does, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.views.buttons import text_button
from app.views.theme import SPACING

_CONTROL_WIDTH = SPACING * 22
_CONTROL_HEIGHT = SPACING * 7 // 2


class SettingRow(QWidget):
    """Puts a control between its name and its sentence.

    Args:
        title: The setting's name.
        sentence: What it does.
        default: The default as a person reads it.
        control: The field; it is named after the setting.
        reset: Puts the default into the control.
    """

    def __init__(
        self,
        title: str,
        sentence: str,
        default: str,
        control: QWidget,
        reset: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.control = control
        name = QLabel(title, self)
        font = QFont(name.font())
        font.setWeight(QFont.Weight.DemiBold)
        name.setFont(font)
        name.setBuddy(control)
        words = QLabel(
            self.tr("{sentence} Default: {default}.").format(**_texts(sentence, default))
        )
        words.setObjectName("muted")
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        control.setAccessibleName(title)
        control.setAccessibleDescription(words.text())
        control.setFixedWidth(_CONTROL_WIDTH)
        control.setMinimumHeight(_CONTROL_HEIGHT)
        self.reset_button = text_button(self.tr("Default"), parent=self)
        self.reset_button.setAccessibleName(self.tr("Default for: {title}").format(title=title))
        self.reset_button.clicked.connect(reset)
        line = QHBoxLayout()
        line.setSpacing(SPACING)
        line.addWidget(name, 1)
        line.addWidget(control)
        line.addWidget(self.reset_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING // 4)
        column.addLayout(line)
        column.addWidget(words)


def _texts(sentence: str, default: str) -> dict[str, str]:
    return {"sentence": sentence, "default": default}
