"""The line in the transcript above which the model sees nothing any more, or only a summary."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.item_models.transcript import Horizon
from app.views.theme import SPACING
from app.views.transcript.piece import Piece, Range
from app.views.transcript.style import Style

_MIN_LINE = SPACING * 2
"""So much of the line is drawn on both sides, however long the words."""


class HorizonPiece(Piece):
    """Words in the middle of a thin line; those about a summary open it."""

    def __init__(self, horizon: Horizon, style: Style) -> None:
        super().__init__(style)
        self.horizon = horizon

    def estimate(self) -> int:
        """Its only height."""
        return math.ceil(QFontMetricsF(self.style.small).height()) + SPACING

    def exact_height(self) -> int:
        """Its only height."""
        return self.estimate()

    def words_rect(self) -> QRectF:
        """Where the words stand."""
        metrics = QFontMetricsF(self.style.small)
        most = max(self.width - 2 * (_MIN_LINE + SPACING), 0)
        width = min(metrics.horizontalAdvance(self.horizon.words), most)
        return QRectF((self.width - width) / 2, 0, width, self.height)

    def opens_at(self, point: QPointF) -> bool:
        """Whether a click there opens the summary."""
        return self.horizon.summarised and self.words_rect().contains(point)

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:  # noqa: ARG002
        """Draw the line and the words, cut with an ellipsis where there is no room."""
        words = self.words_rect()
        theme = self.style.theme
        middle = self.height // 2 + 0.5
        painter.setPen(QPen(theme.color("border"), 1))
        painter.drawLine(QPointF(0, middle), QPointF(words.left() - SPACING, middle))
        painter.drawLine(QPointF(words.right() + SPACING, middle), QPointF(self.width, middle))
        painter.setFont(self.style.small)
        painter.setPen(theme.color("accent" if self.horizon.summarised else "muted"))
        metrics = QFontMetricsF(self.style.small)
        shown = metrics.elidedText(
            self.horizon.words, Qt.TextElideMode.ElideRight, words.width() + 1
        )
        painter.drawText(words.adjusted(0, 0, 1, 0), Qt.AlignmentFlag.AlignCenter, shown)
