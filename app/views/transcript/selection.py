"""What is selected: two places in the conversation and all between them."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from app.views.transcript.entry import Section
from app.views.transcript.piece import Range


class Address(NamedTuple):
    """A piece of a message; addresses sort in reading order."""

    row: int
    section: int
    number: int


class Place(NamedTuple):
    """A position in a piece; places sort in reading order."""

    address: Address
    offset: int


START = Place(Address(0, 0, 0), 0)


class Selection(Struct, frozen=True):
    """From where the reader began to where the pointer is now."""

    anchor: Place
    focus: Place

    @property
    def start(self) -> Place:
        """The end that is read first."""
        return min(self.anchor, self.focus)

    @property
    def end(self) -> Place:
        """The end that is read last."""
        return max(self.anchor, self.focus)

    @property
    def empty(self) -> bool:
        """Whether nothing lies between the two."""
        return self.anchor == self.focus

    def range_in(self, address: Address) -> Range | None:
        """The selected part of a piece, None where it has none.

        Thinking is not taken along with what stands around it, only where one end is in it.
        """
        start, end = self.start, self.end
        if self.empty or not start.address <= address <= end.address:
            return None
        parts = (start.address[:2], end.address[:2])
        if address.section == Section.THINKING and address[:2] not in parts:
            return None
        low = start.offset if address == start.address else 0
        high = end.offset if address == end.address else None
        return None if low == high else (low, high)

    def covers_row(self, row: int) -> bool:
        """Whether the whole of a message is selected."""
        begins = self.start <= Place(Address(row, 0, 0), 0)
        return begins and row < self.end.address.row
