"""A setting of the dialog: its control beside its name, and a sentence with the default."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from app.views.buttons import text_button
from app.views.setting_frame import SettingFrame
from app.views.theme import SPACING, grown

_CONTROL_WIDTH = SPACING * 22
_CONTROL_HEIGHT = SPACING * 7 // 2


class SettingRow(SettingFrame):
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
        button = text_button(self.tr("Default"))
        super().__init__(title, control, button, beside=True, parent=parent)
        font = QFont(self.title.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(font)
        self.sentence.setObjectName("muted")
        words = self.tr("{sentence} Default: {default}.")
        self.describe(words.format(sentence=sentence, default=default))
        control.setAccessibleName(title)
        if isinstance(control, QSpinBox):
            control.lineEdit().setTextMargins(SPACING // 2, 0, SPACING // 2, 0)
        if isinstance(control, QComboBox):
            control.view().setAccessibleName(title)
        control.setFixedWidth(grown(_CONTROL_WIDTH))
        control.setMinimumHeight(grown(_CONTROL_HEIGHT))
        button.setAccessibleName(self.tr("Default for: {title}").format(title=title))
        self.reset.connect(reset)
        self._column.setSpacing(SPACING // 4)
