"""A file that was sent with a message: a chip that opens its text."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.domain.attachments import Attachment
from app.item_models.figures import size
from app.views.theme import RADIUS, SPACING
from app.views.transcript.piece import Piece, Range
from app.views.transcript.style import Style


class AttachmentPiece(Piece):
    """One chip in a line of its own."""

    def __init__(self, attachment: Attachment, style: Style) -> None:
        super().__init__(style)
        self.attachment = attachment
        self._words = f"{attachment.name} · {size(attachment.size_bytes)}"
        self._metrics = QFontMetricsF(style.small)

    def estimate(self) -> int:
        """Its only height, with the gap above the chip."""
        return math.ceil(self._metrics.height()) + SPACING * 2

    def exact_height(self) -> int:
        """Its only height."""
        return self.estimate()

    def natural_width(self) -> int:
        """The width of the chip."""
        return min(
            self.width, math.ceil(self._metrics.horizontalAdvance(self._words)) + 2 * SPACING
        )

    def opens_at(self, point: QPointF) -> bool:
        """Whether a click there opens the text."""
        return self._chip().contains(point)

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:  # noqa: ARG002
        """Draw the chip, the middle of its name cut where there is no room."""
        chip = self._chip()
        painter.setBrush(self.style.theme.color("ground"))
        painter.setPen(QPen(self.style.theme.color("control"), 1))
        painter.drawRoundedRect(chip, RADIUS, RADIUS)
        room = chip.width() - 2 * SPACING
        words = self._metrics.elidedText(self._words, Qt.TextElideMode.ElideMiddle, room + 1)
        painter.setFont(self.style.small)
        painter.setPen(self.style.theme.color("text"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)

    def _chip(self) -> QRectF:
        top = SPACING // 2
        height = self.estimate() - SPACING // 2 - 1
        return QRectF(0.5, top + 0.5, self.natural_width() - 1, height - 1)
