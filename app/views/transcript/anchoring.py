"""What the reader looks at stays where it is when heights turn out otherwise than estimated.

The view holds on to a piece in sight, not to a pixel of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.views.transcript.message_item import MessageItem


class Seen(NamedTuple):
    """A message in sight: where it begins, how high it is, and its layout where there is one."""

    row: int
    top: int
    height: int
    item: MessageItem | None


class Anchor(NamedTuple):
    """Something in sight, and how far below the upper edge of the view its top is."""

    row: int
    entry: tuple[int, int] | None
    height: int
    distance: int


def anchor_among(seen: Iterable[Seen], top: int, height: int) -> Anchor | None:
    """What to hold on to: the first piece in sight whose height is known, else the first.

    Args:
        seen: The messages in sight, from the first to the last.
        top: The view's upper edge.
        height: The view's.
    """
    first: Anchor | None = None
    for row, row_top, row_height, item in seen:
        if item is None:
            first = first or Anchor(row, None, row_height, row_top - top)
            continue
        for entry in item.between(top - row_top, top + height - row_top):
            key = (int(entry.section), entry.index)
            found = Anchor(row, key, entry.piece.height, row_top + entry.y - top)
            if entry.piece.measured:
                return found
            first = first or found
    return first


def edge_for(anchor: Anchor, row_top: int, row_height: int, item: MessageItem | None) -> int:
    """Where the view's upper edge has to be for the anchor to be where it was.

    Args:
        anchor: What is held on to.
        row_top: Where its message begins now.
        row_height: How high it is now.
        item: Its layout; None where the anchor is a message as a whole.
    """
    top, height = row_top, row_height
    entry = item.find(*anchor.entry) if item is not None and anchor.entry else None
    if entry is not None:
        top += entry.y
        height = entry.piece.height
    distance = anchor.distance
    if distance < 0 and height != anchor.height:
        distance = round(distance * height / max(anchor.height, 1))
    return top - distance
