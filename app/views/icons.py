"""Icons of `resources/icons`, in the colour that the theme wants."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app import resources

_SIZES = (16, 20, 24, 32, 48, 64)


@cache
def icon(name: str, color: str, disabled: str = "") -> QIcon:
    """The icon of that name drawn in `color`, and in `disabled` where it cannot be used."""
    source = resources.path(f"icons/{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for mode, paint in ((QIcon.Mode.Normal, color), (QIcon.Mode.Disabled, disabled or color)):
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", paint).encode()))
        for size in _SIZES:
            made.addPixmap(_drawn(renderer, size), mode)
    return made


def app_icon() -> QIcon:
    """The program's own icon."""
    renderer = QSvgRenderer(str(resources.path("icons/conclave.svg")))
    made = QIcon()
    for size in (*_SIZES, 128, 256):
        made.addPixmap(_drawn(renderer, size))
    return made


def _drawn(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return pixmap
