"""Shows an attached picture as large as the screen allows."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.domain.attachments import Attachment
from app.item_models.figures import size
from app.services.futures import FutureRelay, run_in_thread
from app.views.buttons import text_button
from app.views.language import follow_language
from app.views.reported import translated_sentence
from app.views.theme import SPACING
from app.views.thumbnails import fitted, read_image

_SHARE_OF_SCREEN = 0.8
_SMALLEST = QSize(SPACING * 50, SPACING * 40)


class PictureDialog(QDialog):
    """The picture as the model sees it, its size and its digest."""

    def __init__(self, attachment: Attachment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(attachment.name)
        self._attachment = attachment
        self._image = QImage()
        self._is_readable = True
        self.picture = QLabel(self)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.picture.setAccessibleName(attachment.name)
        self.about = about = QLabel(self)
        about.setObjectName("muted")
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setWordWrap(True)
        self.close_button = text_button("", primary=True)
        self.close_button.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(about, 1)
        row.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACING * 2, SPACING * 2, SPACING * 2, SPACING * 2)
        column.setSpacing(SPACING)
        column.addWidget(self.picture, 1)
        column.addLayout(row)
        follow_language(self, self._say)
        self._resize_for(QSize(attachment.width, attachment.height))
        relay = FutureRelay(self)
        reading = run_in_thread(lambda: read_image(attachment.data), "picture")
        relay.watch(reading, self._on_read, self._on_unreadable)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show it in the new size."""
        super().resizeEvent(event)
        self._show()

    def _say(self) -> None:
        attachment = self._attachment
        words = self.tr("{name}, {size}. {note}").format(
            name=attachment.name,
            size=size(attachment.size_bytes),
            note=translated_sentence(attachment.note),
        )
        self.about.setText(words)
        self.close_button.setText(self.tr("Close"))
        if not self._is_readable:
            self.picture.setText(self.tr("The picture cannot be read."))

    def _resize_for(self, picture: QSize) -> None:
        screen = self.screen().availableSize() * _SHARE_OF_SCREEN
        frame = QSize(SPACING * 4, SPACING * 10)
        self.resize((fitted(picture, screen - frame) + frame).expandedTo(_SMALLEST))

    def _on_read(self, image: QImage) -> None:
        self._image = image
        self._is_readable = not image.isNull()
        self._say()
        self._show()

    def _on_unreadable(self, _error: BaseException) -> None:
        self._on_read(QImage())

    def _show(self) -> None:
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        shown = fitted(self._image.size(), self.picture.size() * ratio)
        smooth = Qt.TransformationMode.SmoothTransformation
        scaled = self._image.scaled(shown, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        scaled.setDevicePixelRatio(ratio)
        self.picture.setPixmap(QPixmap.fromImage(scaled))
