"""Small pictures of pictures, sharp on the screen that they are shown on."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageReader, QPixmap

MAX_MEGABYTES = 64
"""What Qt may take to read one picture; those in messages are no larger than 2,048 pixels."""


def read_image(data: bytes) -> QImage:
    """The picture in a file's bytes, null where there is none; nothing else is ever loaded.

    May run in any thread. Not with a QBuffer: one that is made in Python asks for Python's lock
    whenever it is read, and Qt reads it under a lock of its own. The GUI thread, where it loads an
    icon, waits for that one with Python's in its hands.
    """
    QImageReader.setAllocationLimit(MAX_MEGABYTES)
    return QImage.fromData(data)


def thumbnail(preview: bytes, room: QSize) -> QPixmap:
    """A preview made to fit into so many logical pixels, never larger than it is."""
    image = read_image(preview)
    if image.isNull():
        return QPixmap()
    ratio = QGuiApplication.primaryScreen().devicePixelRatio()
    size = fitted(image.size(), room * ratio)
    pixmap = QPixmap.fromImage(
        image.scaled(
            size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    )
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def fitted(size: QSize, room: QSize) -> QSize:
    """A size made to fit into another, its shape kept, never enlarged."""
    if size.width() <= room.width() and size.height() <= room.height():
        return size
    return size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))
