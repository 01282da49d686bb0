"""Icons of `resources/icons`, in the colour that the theme wants."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app import resources

_SIZES = (16, 20)
"""Those of menus and buttons, drawn for the finest screen only: each costs time at the start. An
engine that draws when it is asked would belong to Qt and outlive Python, which crashes."""


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
    """The program's own icon, which Qt draws in the sizes that it needs."""
    return QIcon(str(resources.path("icons/conclave.svg")))


def _finest_ratio() -> float:
    """Pixels to a logical one, of the screen that has most."""
    application = QGuiApplication.instance()
    assert isinstance(application, QGuiApplication)
    return application.devicePixelRatio()


def _drawn(source: str, color: str) -> list[QPixmap]:
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", color).encode()))
    ratio = _finest_ratio()
    pixmaps = []
    for size in _SIZES:
        pixmap = QPixmap(QSize(size, size) * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        pixmaps.append(pixmap)
    return pixmaps
