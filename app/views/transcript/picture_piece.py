"""A picture that was sent with a message: bounded in size; a click shows it large."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from app.domain.attachments import Attachment
from app.views.theme import PICTURE_SENT, RADIUS, SPACING
from app.views.thumbnails import fitted, thumbnail
from app.views.transcript.attachment_piece import AttachmentPiece
from app.views.transcript.piece import Range
from app.views.transcript.style import Style


def attachment_piece(attachment: Attachment, style: Style) -> AttachmentPiece:
    """What shows a file of a message."""
    kind = PicturePiece if attachment.is_picture else AttachmentPiece
    return kind(attachment, style)


class PicturePiece(AttachmentPiece):
    """The picture with round corners, or a chip with its name where it cannot be read."""

    def __init__(self, attachment: Attachment, style: Style) -> None:
        super().__init__(attachment, style)
        self._pixmap: QPixmap | None = None

    def estimate(self) -> int:
        """Its only height, which its size tells, with the gaps around it."""
        if self._is_broken:
            return super().estimate()
        return self._size().height() + SPACING

    def natural_width(self) -> int:
        """The width of the picture."""
        return super().natural_width() if self._is_broken else self._size().width()

    def release(self) -> None:
        """Give the pixels back."""
        self._pixmap = None

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:
        """Draw it."""
        if self._pixmap is None:
            self._pixmap = thumbnail(self.attachment.preview, PICTURE_SENT)
        if self._pixmap.isNull():
            super().paint(painter, clip, selected)
            return
        frame = self._chip()
        path = QPainterPath()
        path.addRoundedRect(frame, RADIUS, RADIUS)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.save()
        painter.setClipPath(path)
        painter.drawPixmap(frame, self._pixmap, QRectF(self._pixmap.rect()))
        painter.restore()
        painter.setPen(QPen(self.style.theme.color("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    @property
    def _is_broken(self) -> bool:
        return not (self.attachment.width and self.attachment.height)

    def _size(self) -> QSize:
        room = QSize(min(PICTURE_SENT.width(), max(self.width, 1)), PICTURE_SENT.height())
        size = QSize(self.attachment.width, self.attachment.height)
        return fitted(size, room).expandedTo(QSize(SPACING, SPACING))

    def _chip(self) -> QRectF:
        if self._is_broken:
            return super()._chip()
        size = self._size()
        return QRectF(0.5, SPACING // 2 + 0.5, size.width() - 1, size.height() - 1)
