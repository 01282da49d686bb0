"""A widget of our own to paint on, in place of the one that Qt makes for a scroll area.

Asked for a widget that Python did not make, PySide finds out which kind it is, and for that makes
the Python classes of all kinds of widgets that there are: 8 ms of the start.
"""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractScrollArea, QWidget


def give_viewport(area: QAbstractScrollArea) -> None:
    """Let a scroll area that was just made paint on a widget of ours, which looks as Qt's does.

    Not for a `QPlainTextEdit`, which ends in a segmentation fault (6.11.3).
    """
    viewport = QWidget(area)
    viewport.setObjectName("qt_scrollarea_viewport")
    viewport.setBackgroundRole(QPalette.ColorRole.Base)
    viewport.setAutoFillBackground(True)
    area.setViewport(viewport)
