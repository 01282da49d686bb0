"""What stands before list items: bullets, numbers and the boxes of tasks."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from app.views.theme import SPACING
from app.views.transcript.style import Style

OPEN_TASK = "☐"
DONE_TASK = "☑"
_CORNER = 0.2
_TICK = ((0.24, 0.54), (0.43, 0.72), (0.77, 0.3))
"""Corners of the tick, as parts of the box."""


def paint_marker(
    painter: QPainter, style: Style, marker: str, edge: float, baseline: float, *, rtl: bool = False
) -> None:
    """Draw a marker so that it ends before the text's edge, which is on the right for `rtl`."""
    metrics = QFontMetricsF(style.body)
    is_box = marker in (OPEN_TASK, DONE_TASK)
    size = round(metrics.capHeight() * 1.25)
    width = size if is_box else metrics.horizontalAdvance(marker)
    left = edge + SPACING if rtl else edge - width - SPACING
    if is_box:
        top = baseline - (metrics.capHeight() + size) / 2
        _paint_box(painter, style, QRectF(round(left), round(top), size, size), marker == DONE_TASK)
    elif marker:
        painter.setFont(style.body)
        painter.setPen(style.theme.color("muted"))
        # The full stop of "1." stands on the side to which the text runs, not the window.
        direction = Qt.LayoutDirection
        painter.setLayoutDirection(direction.RightToLeft if rtl else direction.LeftToRight)
        painter.drawText(QPointF(left, baseline), marker)
        painter.setLayoutDirection(direction.LeftToRight)


def _paint_box(painter: QPainter, style: Style, box: QRectF, done: bool) -> None:
    theme = style.theme
    size = box.width()
    painter.setPen(QPen(theme.color("accent" if done else "muted"), 1.2))
    painter.setBrush(theme.color("accent") if done else Qt.BrushStyle.NoBrush)
    frame = box.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(frame, size * _CORNER, size * _CORNER)
    if done:
        pen = QPen(theme.color("on_accent"), max(size * 0.13, 1.4))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        tick = [QPointF(box.left() + x * size, box.top() + y * size) for x, y in _TICK]
        painter.drawPolyline(QPolygonF(tick))
