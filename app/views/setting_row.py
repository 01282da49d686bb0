"""A setting of the dialog: its control beside its name, and a sentence with the default."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.setting_frame import SettingFrame
from app.views.theme import SPACING, grown

_CONTROL_WIDTH = SPACING * 22
_CONTROL_HEIGHT = SPACING * 7 // 2


class SettingWords(Struct, frozen=True):
    """A setting as a person reads it.

    Args:
        title: Its name.
        sentence: What it does.
        default: The default.
    """

    title: str
    sentence: str
    default: str


class SettingRow(SettingFrame):
    """Puts a control between its name and its sentence.

    Args:
        words: What is said of it, in the language of the moment.
        control: The field; it is named after the setting.
        reset: Puts the default into the control.
    """

    def __init__(
        self,
        words: Callable[[], SettingWords],
        control: QWidget,
        reset: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", control, text_button(""), beside=True, parent=parent)
        self._words = words
        font = QFont(self.title.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(font)
        self.sentence.setObjectName("muted")
        if isinstance(control, QSpinBox):
            control.lineEdit().setTextMargins(SPACING // 2, 0, SPACING // 2, 0)
        control.setFixedWidth(grown(_CONTROL_WIDTH))
        control.setMinimumHeight(grown(_CONTROL_HEIGHT))
        self.reset.connect(reset)
        self._column.setSpacing(SPACING // 4)
        follow_language(self, self._say)

    def _say(self) -> None:
        words = self._words()
        self.title.setText(words.title)
        described = self.tr("{sentence} Default: {default}.")
        self.describe(described.format(sentence=words.sentence, default=words.default))
        self.control.setAccessibleName(words.title)
        if isinstance(self.control, QComboBox):
            self.control.view().setAccessibleName(words.title)
        self.reset_button.setText(self.tr("Default"))
        self.reset_button.setAccessibleName(
            self.tr("Default for: {title}").format(title=words.title)
        )


def choose(control: QComboBox, value: object) -> None:
    """Show the entry of that value."""
    control.setCurrentIndex(control.findData(value))
