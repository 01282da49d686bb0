"""A combo box in the colours of the theme: the style draws no arrow where a stylesheet is used."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QComboBox

from app.views.icons import icon
from app.views.theme import SPACING

_ARROW = SPACING * 2


class ChoiceBox(QComboBox):
    """One of several values, with an arrow at its end."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """As the style does, and the arrow."""
        super().paintEvent(event)
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        color = self.palette().color(group, QPalette.ColorRole.WindowText)
        left = self.width() - _ARROW - SPACING
        if self.isRightToLeft():
            left = SPACING
        place = QRect(left, (self.height() - _ARROW) // 2, _ARROW, _ARROW)
        painter = QPainter(self)
        icon("chevron", color.name()).paint(painter, place)
        painter.end()
