"""Lets a view say its words anew when the language changes.

Qt sends `LanguageChange` to every widget and to the objects that belong to it. A view puts all
words that do not change otherwise into one method and hands it to `follow_language`, which calls it
now and at every change.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakMethod

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


def follow_language(widget: QWidget, say: Callable[[], None]) -> None:
    """Call `say`, a bound method, now and when the language changes.

    Args:
        widget: Hears of the change; what is told of is itself, or lives at least as long.
        say: Puts all words into the view.
    """
    say()
    _Follower(widget, say)


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
