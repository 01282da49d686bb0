"""What stands behind a row of a list: that it is chosen or pointed at, and has the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle

from app.views.theme import RADIUS, Theme

_POINTED_AT = 0.55


def paint_row_ground(
    painter: QPainter, box: QRect, theme: Theme, state: QStyle.StateFlag, *, ring: bool = True
) -> None:
    """Draw it; `ring` is for lists that can have the keyboard themselves."""
    flag = QStyle.StateFlag
    chosen = bool(state & flag.State_Selected)
    if chosen or state & flag.State_MouseOver:
        ground = theme.color("hover")
        ground.setAlphaF(1.0 if chosen else _POINTED_AT)
        outlined = chosen and theme.high_contrast
        painter.setPen(theme.color("control") if outlined else Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, RADIUS, RADIUS)
    if ring and state & flag.State_HasFocus and state & flag.State_KeyboardFocusChange:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("accent"), theme.line))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
