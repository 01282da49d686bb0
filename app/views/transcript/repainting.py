"""How much of a view is painted again: all of it, or while an answer grows only what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QWidget

from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.scrolling import Scrolling


class Repainting:
    """Asks for the painting of what has changed; what only moved up is moved on the screen.

    Args:
        viewport: What is painted.
        layout: Knows which part of a message is new.
        scrolling: Knows how far the conversation has moved.
        is_bare: Whether nothing is in sight that does not move along with the messages.
    """

    def __init__(
        self,
        viewport: QWidget,
        layout: TranscriptLayout,
        scrolling: Scrolling,
        is_bare: Callable[[], bool],
    ) -> None:
        self._viewport = viewport
        self._layout = layout
        self._scrolling = scrolling
        self._is_bare = is_bare
        self._top_before: int | None = None
        viewport.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    @contextmanager
    def of_growth(self) -> Iterator[None]:
        """Inside of this block messages only grow, and the view moves down at most."""
        self._top_before = self._scrolling.top
        try:
            yield
        finally:
            self._top_before = None

    def ask(self) -> None:
        """What is in sight has changed."""
        top = self._scrolling.top
        first = self._layout.take_first_change(top, top + self._scrolling.height) - top
        moved = top - self._top_before if self._top_before is not None else 0
        if self._top_before is None or moved < 0 or (moved and not self._is_bare()):
            self._viewport.update()
            return
        box = self._viewport.rect()
        if moved:
            self._viewport.scroll(0, -moved)
        self._viewport.update(QRect(0, first, box.width(), box.height() - first))
