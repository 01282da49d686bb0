"""Lets a view say its words anew when the language changes.

Qt sends `LanguageChange` to every widget and to the objects that belong to it. A view puts all
words that do not change otherwise into one method and hands it to `follow_language`, which calls it
now and at every change. While Qt walks through the parts of a widget none of them may be deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakMethod

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


def follow_language(widget: QWidget, say: Callable[[], None]) -> None:
    """Call `say` now and when the language changes, for as long as the widget lives.

    Args:
        widget: Hears of the change; what is told of is itself, or lives at least as long.
        say: A bound method that puts all words into the view; it does not keep the view alive.
    """
    say()
    _Follower(widget, say)


def follow_language_later(widget: QWidget, say: Callable[[], None]) -> None:
    """The same for one of Qt's own dialogs, whose setters make parts of it anew.

    Args:
        widget: Hears of the change.
        say: Puts all words into the widget; called when all parts have heard.
    """
    say()
    _LateFollower(widget, say)


class _Follower(QObject):
    """Belongs to a widget, and so gets its events of this kind."""

    def __init__(self, widget: QWidget, say: Callable[[], None]) -> None:
        super().__init__(widget)
        self._say = WeakMethod(say)

    def event(self, event: QEvent) -> bool:
        """Say everything anew."""
        say = self._say() if event.type() == QEvent.Type.LanguageChange else None
        if say is not None:
            say()
        return super().event(event)


class _LateFollower(QObject):
    """Belongs to a widget, too."""

    def __init__(self, widget: QWidget, say: Callable[[], None]) -> None:
        super().__init__(widget)
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(say)

    def event(self, event: QEvent) -> bool:
        """Say everything anew, in a moment."""
        if event.type() == QEvent.Type.LanguageChange:
            self._timer.start()
        return super().event(event)
