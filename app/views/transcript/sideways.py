"""Sideways scrolling of one code block or table."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from app.views.theme import Theme

BAR_HEIGHT = 10
"""Room for the bar under the content; the bar itself is thinner."""
_THICKNESS = 4
_SHORTEST = 28


class Sideways:
    """Where a piece of content wider than its frame stands."""

    def __init__(self) -> None:
        self.content = 0.0
        self.frame = QRectF()
        self.offset = 0.0

    def set_extent(self, content: float, frame: QRectF) -> None:
        """Tell how wide the content is and where, in the piece, it is seen."""
        self.content = content
        self.frame = frame
        self.offset = min(self.offset, self.maximum)

    @property
    def maximum(self) -> float:
        """The largest offset."""
        return max(self.content - self.frame.width(), 0.0)

    @property
    def needed(self) -> bool:
        """Whether anything is out of sight."""
        return self.maximum > 0.5

    def move(self, delta: float) -> bool:
        """Move the content; whether that changed anything."""
        before = self.offset
        self.offset = min(max(before + delta, 0.0), self.maximum)
        return self.offset != before

    def show(self, x: float) -> None:
        """Bring a place in the content into the frame."""
        if not self.offset <= x <= self.offset + self.frame.width() * 0.9:
            self.move(x - self.offset - self.frame.width() / 3)

    def bar(self) -> QRectF:
        """The handle, under the frame."""
        width = self.frame.width()
        length = max(width * width / max(self.content, 1.0), _SHORTEST)
        way = self.offset / self.maximum if self.needed else 0.0
        left = self.frame.left() + (width - length) * way
        top = self.frame.bottom() + (BAR_HEIGHT - _THICKNESS) / 2
        return QRectF(left, top, length, _THICKNESS)

    def is_on_bar(self, point: QPointF) -> bool:
        """Whether a point is on the strip that the bar runs in."""
        strip = QRectF(
            self.frame.left(), self.frame.bottom(), self.frame.width(), BAR_HEIGHT
        ).adjusted(0, -2, 0, 4)
        return self.needed and strip.contains(point)

    def drag(self, delta: float) -> bool:
        """Move the handle by so many pixels."""
        way = self.frame.width() - self.bar().width()
        return way > 0 and self.move(delta * self.maximum / way)

    def paint(self, painter: QPainter, theme: Theme) -> None:
        """Draw the handle where it is needed."""
        if self.needed:
            painter.setPen(Qt.PenStyle.NoPen)
            color = theme.color("muted")
            color.setAlpha(120)
            painter.setBrush(color)
            painter.drawRoundedRect(self.bar(), _THICKNESS / 2, _THICKNESS / 2)
