"""From points of the conversation to pieces and to positions in the text."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF

from app.views.theme import SPACING
from app.views.transcript.entry import Entry
from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.message_item import MessageItem
from app.views.transcript.selection import Address, Place


class Spot(NamedTuple):
    """A piece under a point, and the point in the piece's own coordinates."""

    row: int
    item: MessageItem
    entry: Entry
    point: QPointF


def spot_in(layout: TranscriptLayout, x: int, y: int) -> Spot | None:
    """The piece nearest to a point of the conversation."""
    if not layout.n_rows:
        return None
    row = layout.row_at(y)
    item = layout.item(row)
    row_top = layout.top_of(row)
    entry = item.entry_near(y - row_top)
    if entry is None:
        return None
    point = QPointF(x - layout.column_left - entry.x, y - row_top - entry.y)
    return Spot(row, item, entry, point)


def place_in(layout: TranscriptLayout, x: int, y: int) -> Place | None:
    """The position in the text nearest to a point of the conversation."""
    spot = spot_in(layout, x, y)
    if spot is None:
        return None
    piece = spot.entry.piece
    address = Address(spot.row, spot.entry.section, spot.entry.index)
    if spot.point.y() >= piece.height + SPACING:
        return Place(address, piece.length())
    return Place(address, piece.position_at(spot.point))
