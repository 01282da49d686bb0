"""What is in sight of a view, and how it is moved to show something else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from app.views.transcript.finder import Hit
from app.views.transcript.keys import LINE_STEP
from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.message_item import Section

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView


class Sight:
    """The part of the conversation that a view shows."""

    def __init__(self, view: TranscriptView, layout: TranscriptLayout) -> None:
        self._view = view
        self._layout = layout

    @property
    def _top(self) -> int:
        return self._view.verticalScrollBar().value()

    @property
    def _height(self) -> int:
        return self._view.viewport().height()

    # What is seen

    def rows(self) -> list[int]:
        """The messages of which anything can be seen."""
        return list(self._layout.rows_between(self._top, self._top + self._height))

    def box_of(self, row: int) -> QRect:
        """A message with the gap below it, in the viewport."""
        top = self._layout.top_of(row) - self._top
        width, height = self._layout.column_width, self._layout.item(row).height
        return QRect(self._layout.column_left, top, width, height)

    def is_bubble(self, row: int) -> bool:
        """Whether a message stands on the right."""
        return self._layout.item(row).is_bubble

    def thought(self) -> int | None:
        """The message whose thinking a key shows: the keyboard's, else the lowest in sight."""
        found = self._layout.rows_with_thinking(self.rows())
        active = self._view.active.row
        return active if active in found else (found[-1] if found else None)

    # Moving

    def show_row(self, row: int) -> None:
        """Bring a message into sight, its beginning where it is too high."""
        self._show(lambda: (self._layout.top_of(row), self._layout.item(row).height))

    def show_widget(self, widget: QWidget) -> None:
        """Bring something that stands over the messages into sight."""
        self._show(lambda: (widget.y() + self._top, widget.height()))

    def show_hit(self, hit: Hit, pattern: re.Pattern[str]) -> None:
        """Bring a hit of a search into sight, opening the thinking that it is in."""
        if hit.section is Section.THINKING and not self._layout.item(hit.row).thought_is_open:
            self._view.toggle_thought(hit.row)
        entry = self._layout.item(hit.row).find(hit.section, hit.index)
        ranges = entry.piece.find(pattern) if entry else []
        if entry is None or not ranges:
            self.show_row(hit.row)
            return
        start = ranges[min(hit.nth, len(ranges) - 1)][0]
        piece = entry.piece
        self._show(
            lambda: (self._layout.top_of(hit.row) + entry.y + piece.top_of(start), LINE_STEP)
        )
        if piece.sideways is not None:
            piece.sideways.show(piece.left_of(start))

    def _show(self, place: Callable[[], tuple[int, int]]) -> None:
        """Bring top and height of a place into sight; heights around it may turn out otherwise."""
        for _ in range(2):
            top, height = place()
            seen = self._top <= top and top + height <= self._top + self._height
            self._view.move_to(self._top if seen else top - max(self._height - height, 0) // 3)
