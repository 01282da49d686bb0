"""The way of the Tab key: as things stand on the screen, not as they were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QDockWidget,
    QLayout,
    QMainWindow,
    QPlainTextEdit,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)


def follow_layout(root: QWidget) -> None:
    """Let the Tab key go through a window, or a part of one, in the order of its layouts."""
    for before, after in pairwise(_stops(root)):
        QWidget.setTabOrder(before, after)


def insert_before(stops: Sequence[QWidget], place: QWidget) -> None:
    """Let the Tab key go through these just before it comes to `place`."""
    before = place.previousInFocusChain()
    if before is None:
        return
    for widget in stops:
        QWidget.setTabOrder(before, widget)
        before = widget


def _stops(widget: QWidget) -> Iterator[QWidget]:
    """What can have the focus, from the beginning on."""
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield widget
    for part in _parts(widget):
        yield from _stops(part)


def _parts(widget: QWidget) -> Iterator[QWidget]:
    """What stands inside a widget, in reading order."""
    return (part for part in _places(widget) if part is not None)


def _places(widget: QWidget) -> Iterator[QWidget | None]:
    layout = widget.layout()
    if isinstance(widget, QMainWindow):
        yield widget.centralWidget()
        yield from widget.findChildren(QDockWidget)
    elif isinstance(widget, QDockWidget | QScrollArea):
        yield widget.widget()
    elif isinstance(widget, QAbstractScrollArea) and not isinstance(widget, QPlainTextEdit):
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        yield from widget.viewport().findChildren(QWidget, options=direct)
    elif isinstance(widget, QSplitter | QStackedWidget):
        yield from (widget.widget(index) for index in range(widget.count()))
    elif layout is not None:
        yield from _in_layout(layout)


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    for index in range(layout.count()):
        item = layout.itemAt(index)
        widget = item.widget() if item else None
        inner = item.layout() if item else None
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _in_layout(inner)
