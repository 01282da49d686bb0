"""Selecting by the keyboard: letter by letter, by words, by paragraphs, by messages."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.views.transcript.entry import Section
from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.piece import BlockPiece
from app.views.transcript.selection import Address, Place, Selection

if TYPE_CHECKING:
    from app.views.transcript.view import TranscriptView

_WAYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
}


def extend_selection(view: TranscriptView, key: int, *, far: bool) -> bool:
    """Let the selection reach further, or less far; False for a key that does not move it.

    Without a selection one begins at the message that the keyboard is at, with its own text.

    Args:
        view: Where it is shown.
        key: An arrow; those to the side go by letters, the others by paragraphs.
        far: By words, and by messages.
    """
    way = _WAYS.get(Qt.Key(key)) if key in _WAYS else None
    row = view.sight.key_row()
    if way is None or row is None:
        return False
    selection = view.selecting.selection
    sideways = key in (Qt.Key.Key_Left, Qt.Key.Key_Right)
    section = Section.LABEL if far and not sideways else Section.TEXT
    begun = Place(Address(row, section, 0), 0)
    anchor, focus = (selection.anchor, selection.focus) if selection else (begun, begun)
    steps = Steps(view.selecting.layout)
    if sideways:
        focus = steps.by_letter(focus, way, words=far)
    else:
        focus = steps.by_message(focus, way) if far else steps.by_paragraph(focus, way)
    view.selecting.select(Selection(anchor, focus))
    view.sight.show_place(focus)
    return True


class Steps:
    """Places one step from another, in the order in which the conversation is read."""

    def __init__(self, layout: TranscriptLayout) -> None:
        self._layout = layout

    def by_letter(self, place: Place, way: int, *, words: bool) -> Place:
        """The next letter or word, if need be in the next paragraph."""
        place = self._in_text(place)
        piece = self._piece(place.address)
        offset = piece.step(place.offset, way, words=words) if piece else place.offset
        return place._replace(offset=offset) if offset != place.offset else self._next(place, way)

    def by_paragraph(self, place: Place, way: int) -> Place:
        """The end of the paragraph, the beginning for -1; from there that of the next one."""
        place = self._in_text(place)
        edge = self._edge(place.address, way)
        if edge != place.offset:
            return place._replace(offset=edge)
        following = self._next(place, way).address
        return Place(following, self._edge(following, way))

    def by_message(self, place: Place, way: int) -> Place:
        """Where the next message begins; for -1 where this one does, or the one before."""
        row = place.address.row
        begins = place <= Place(Address(row, 0, 0), 0)
        row += 1 if way > 0 else -int(begins)
        return Place(Address(min(max(row, 0), self._layout.n_rows), 0, 0), 0)

    def _next(self, place: Place, way: int) -> Place:
        """The edge of the paragraph behind or before, nearest to here; here where there is none."""
        row = place.address.row
        addresses = self._addresses(row)
        index = bisect_left(addresses, place.address) + way
        while not 0 <= index < len(addresses):
            row += way
            if not 0 <= row < self._layout.n_rows:
                return place
            addresses = self._addresses(row)
            index = 0 if way > 0 else len(addresses) - 1
        return Place(addresses[index], self._edge(addresses[index], -way))

    def _in_text(self, place: Place) -> Place:
        """The first place in a paragraph that is not before this one; the last where there is none.

        What is selected may end between messages.
        """
        for row in range(place.address.row, self._layout.n_rows):
            addresses = self._addresses(row)
            index = bisect_left(addresses, place.address)
            if index < len(addresses):
                found = addresses[index]
                return place if found == place.address else Place(found, 0)
        last = self._layout.n_rows - 1
        addresses = self._addresses(last)
        return Place(addresses[-1], self._edge(addresses[-1], 1)) if addresses else place

    def _edge(self, address: Address, way: int) -> int:
        piece = self._piece(address)
        return piece.length() if piece and way > 0 else 0

    def _piece(self, address: Address) -> BlockPiece | None:
        entry = self._layout.item(address.row).find(address.section, address.number)
        return entry.piece if entry and isinstance(entry.piece, BlockPiece) else None

    def _addresses(self, row: int) -> list[Address]:
        """The paragraphs of a message that can be selected, in reading order."""
        return [
            Address(row, entry.section, entry.index)
            for entry in self._layout.item(row).entries
            if isinstance(entry.piece, BlockPiece)
        ]
