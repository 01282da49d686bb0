"""What is in sight of a view, and how it is moved to show something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtWidgets import QWidget

from app.domain.search import Part, Query
from app.markdown.blocks import outward_links
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.entry import Entry, Section
from app.views.transcript.finder import Hit
from app.views.transcript.keys import LINE_STEP
from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.piece import Piece
from app.views.transcript.places import Spot, place_in, spot_in
from app.views.transcript.scrolling import Scrolling
from app.views.transcript.selection import Address, Place, Selection

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView


class Sight:
    """The part of the conversation that a view shows."""

    def __init__(
        self, view: TranscriptView, layout: TranscriptLayout, scrolling: Scrolling
    ) -> None:
        self._view = view
        self._layout = layout
        self._scrolling = scrolling

    @property
    def _top(self) -> int:
        return self._scrolling.top

    @property
    def _height(self) -> int:
        return self._scrolling.height

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

    def first_row(self) -> int:
        """The uppermost message that is seen, -1 where there is none."""
        return self._layout.row_at(self._top) if self._layout.n_rows else -1

    def pieces(self, rows: Iterable[int]) -> list[Piece]:
        """The pieces of these messages that are in sight, from top to bottom."""
        found = []
        bottom = self._top + self._height
        for row in rows:
            row_top = self._layout.top_of(row)
            entries = self._layout.item(row).between(self._top - row_top, bottom - row_top)
            found += [entry.piece for entry in entries]
        return found

    def code(self, rows: Iterable[int] | None = None) -> list[CodePiece]:
        """The code blocks in sight, or those of some messages, from top to bottom."""
        pieces = self.pieces(self.rows() if rows is None else rows)
        return [piece for piece in pieces if isinstance(piece, CodePiece)]

    def key_row(self) -> int | None:
        """The message that a key is meant for: the one with the buttons, else the lowest seen."""
        rows = self.rows()
        return (
            self._view.active.row if self._view.active.row in rows else rows[-1] if rows else None
        )

    def move_sideways(self, share: float) -> bool:
        """Move what is too wide by a share of its frame; whether anything in sight is too wide.

        What the message at the keyboard has goes before what the others have.
        """
        row = self.key_row()
        for rows in ([] if row is None else [row], self.rows()):
            wide = [piece.sideways for piece in self.pieces(rows) if piece.sideways is not None]
            wide = [sideways for sideways in wide if sideways.needed]
            for sideways in wide:
                sideways.move(share * sideways.frame.width())
            if wide:
                self._view.viewport().update()
                return True
        return False

    def links(self, row: int) -> dict[str, str]:
        """The addresses that links of a message lead to, each with its words."""
        return outward_links(self._layout.peek(row).blocks)

    # Points of the viewport

    def spot_at(self, point: QPointF) -> Spot | None:
        """The piece nearest to a point of the viewport."""
        return spot_in(self._layout, round(point.x()), round(point.y()) + self._top)

    def place_at(self, point: QPointF) -> Place | None:
        """The position in the text nearest to a point, at most at the viewport's edges."""
        y = min(max(round(point.y()), 0), self._height - 1)
        return place_in(self._layout, round(point.x()), y + self._top)

    def offset_of(self, spot: Spot) -> QPoint:
        """Where the piece of a spot stands in the viewport."""
        return QPoint(
            self._layout.column_left + spot.entry.x,
            self._layout.top_of(spot.row) + spot.entry.y - self._top,
        )

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

    def show_place(self, place: Place) -> None:
        """Bring a place in the text into sight."""
        row = min(place.address.row, self._layout.n_rows - 1)
        entry = self._layout.item(row).find(place.address.section, place.address.number)
        if entry is not None and row == place.address.row:
            self._show_position(row, entry, place.offset)

    def follow_anchor(self, row: int, name: str) -> None:
        """Go to a place in a message that a link in it leads to, and select it."""
        found = self._layout.anchor_spot(row, name)
        if found is None:
            return
        start, end, top = found
        seen = self._top <= top <= self._top + self._height * 3 // 4
        self._view.selecting.select(Selection(start, end))
        self._scrolling.move_to(self._top if seen else top - self._height // 4)

    def reveal(self, row: int, query: Query, part: Part) -> None:
        """Bring what was searched for in all conversations into sight, and select it.

        What cannot be seen, such as the address behind a link, is not found: then it is the
        message. What is in a file is shown by its chip.
        """
        if part is Part.FILE:
            self.show_row(row)
            self._view.selecting.select(_whole(row))
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
                    self._view.selecting.select(
                        Selection(Place(address, start), Place(address, end))
                    )
                    return
        self.show_row(row)
        self._view.selecting.select(_whole(row))

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
            self._scrolling.move_to(self._top if seen else top - max(self._height - height, 0) // 3)


def _whole(row: int) -> Selection:
    """All of a message."""
    return Selection(Place(Address(row, 0, 0), 0), Place(Address(row + 1, 0, 0), 0))
