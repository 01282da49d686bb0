"""What is in sight of a view, and how it is moved to show something else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from app.domain.search import Part, Query
from app.views.transcript.finder import Hit
from app.views.transcript.keys import LINE_STEP
from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.message_item import Entry, Section
from app.views.transcript.selection import Address, Place, Selection

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
        self._open_thought(hit.row, hit.section)
        entry = self._layout.item(hit.row).find(hit.section, hit.index)
        ranges = entry.piece.find(pattern) if entry else []
        if entry is None or not ranges:
            self.show_row(hit.row)
            return
        self._show_position(hit.row, entry, ranges[min(hit.nth, len(ranges) - 1)][0])

    def reveal(self, row: int, query: Query, part: Part) -> None:
        """Bring what was searched for in all conversations into sight, and select it.

        What cannot be seen, such as the address behind a link, is not found: then it is the
        message. What is in a file is shown by its chip.
        """
        if part is Part.FILE:
            self.show_row(row)
            self._view.select(_whole(row))
            return
        section = Section.THINKING if part is Part.THINKING else Section.TEXT
        self._open_thought(row, section)
        for pattern in (query.phrase_pattern(), *query.patterns()):
            for entry in self._layout.item(row).entries:
                ranges = entry.piece.find(pattern) if entry.section is section else []
                if ranges:
                    start, end = ranges[0]
                    self._show_position(row, entry, start)
                    address = Address(row, entry.section, entry.index)
                    self._view.select(Selection(Place(address, start), Place(address, end)))
                    return
        self.show_row(row)
        self._view.select(_whole(row))

    def _open_thought(self, row: int, section: Section) -> None:
        if section is Section.THINKING and not self._layout.item(row).thought_is_open:
            self._view.toggle_thought(row)

    def _show_position(self, row: int, entry: Entry, start: int) -> None:
        piece = entry.piece
        self._show(lambda: (self._layout.top_of(row) + entry.y + piece.top_of(start), LINE_STEP))
        if piece.sideways is not None:
            piece.sideways.show(piece.left_of(start))

    def _show(self, place: Callable[[], tuple[int, int]]) -> None:
        """Bring top and height of a place into sight; heights around it may turn out otherwise."""
        for _ in range(2):
            top, height = place()
            seen = self._top <= top and top + height <= self._top + self._height
            self._view.move_to(self._top if seen else top - max(self._height - height, 0) // 3)


def _whole(row: int) -> Selection:
    """All of a message."""
    return Selection(Place(Address(row, 0, 0), 0), Place(Address(row + 1, 0, 0), 0))
