"""The round button that leads back down to the newest text."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from app.views.buttons import IconButton
from app.views.language import follow_language
from app.views.theme import SPACING

_SIZE = SPACING * 4


class EndButton(IconButton):
    """Shown over the transcript while its end is out of sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("down", "", "End", parent=parent)
        self.setProperty("kind", "end")
        self.setFixedSize(_SIZE, _SIZE)
        self.setIconSize(QSize(SPACING * 2, SPACING * 2))
        self.hide()
        follow_language(self, self._say)

    def _say(self) -> None:
        self.set_words(self.tr("To the newest text"))

    def place(self, area: QSize, *, at_end: bool) -> None:
        """Stand at the bottom of the area, unless there is nothing below."""
        self.move((area.width() - _SIZE) // 2, area.height() - _SIZE - SPACING)
        self.setVisible(not at_end)
