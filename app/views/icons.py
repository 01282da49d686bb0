"""Icons of `resources/icons`, in the colour that the theme wants."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app import resources

_SIZES = (16, 20, 40)
"""Those of menus and buttons, and one for screens with finer pixels: each costs time at the start.
An engine that draws when it is asked would belong to Qt and outlive Python, which crashes."""
_APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


@cache
def icon(name: str, color: str, disabled: str = "") -> QIcon:
    """The icon of that name drawn in `color`, and in `disabled` where it cannot be used."""
    source = resources.path(f"icons/{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    drawn = _drawn(source, color)
    other = _drawn(source, disabled) if disabled else drawn
    for mode, pixmaps in ((QIcon.Mode.Normal, drawn), (QIcon.Mode.Disabled, other)):
        for pixmap in pixmaps:
            made.addPixmap(pixmap, mode)
    return made


@cache
def app_icon() -> QIcon:
    """The program's own icon."""
    source = resources.path("icons/conclave.svg").read_text(encoding="utf-8")
    made = QIcon()
    for pixmap in _drawn(source, "", _APP_SIZES):
        made.addPixmap(pixmap)
    return made


def _drawn(source: str, color: str, sizes: Sequence[int] = _SIZES) -> list[QPixmap]:
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
    pixmaps = []
    for size in sizes:
        pixmap = QPixmap(QSize(size, size))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        pixmaps.append(pixmap)
    return pixmaps
