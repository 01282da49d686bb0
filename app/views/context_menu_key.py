"""The key that opens the menu of what has the focus.

Not every keyboard has one for this, and on X11 and Wayland Qt knows no other.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from app.views.actions import ActionSpec, Group
from app.views.translatable import QT_TRANSLATE_NOOP


def context_menu_action() -> ActionSpec:
    """The menu that the right button of the mouse opens, by a key."""
    return ActionSpec(
        "program.context_menu",
        Group.PROGRAM,
        QT_TRANSLATE_NOOP("Actions", "Open the menu of what the keyboard is at"),
        _open_menu,
        ("Shift+F10",),
        everywhere=True,
    )


def _open_menu() -> None:
    """Tell the focused control what the menu key tells it."""
    focused = QApplication.focusWidget()
    if focused is None:
        return
    cursor = focused.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle)
    place = cursor.center() if isinstance(cursor, QRect) else focused.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, focused.mapToGlobal(place))
    QApplication.sendEvent(focused, event)
