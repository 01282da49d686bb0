"""The round button that leads back down to the newest text."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from app.views.buttons import IconButton
from app.views.theme import SPACING

_SIZE = SPACING * 4


class EndButton(IconButton):
    """Shown over the transcript while its end is out of sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("down", "", parent=parent)
        name = self.tr("To the newest text")
        self.setAccessibleName(name)
        self.setToolTip(self.tr("{name} (End)").format(name=name))
        self.setProperty("kind", "end")
        self.setFixedSize(_SIZE, _SIZE)
        self.setIconSize(QSize(SPACING * 2, SPACING * 2))
        self.hide()

    def place(self, area: QSize, *, at_end: bool) -> None:
        """Stand at the bottom of the area, unless there is nothing below."""
        self.move((area.width() - _SIZE) // 2, area.height() - _SIZE - SPACING)
        self.setVisible(not at_end)
