"""The parts of a message, and where a piece of one stands."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from app.views.transcript.piece import Piece


class Section(IntEnum):
    """The parts of a message in reading order."""

    LABEL = 0
    THOUGHT_HEADING = 1
    THINKING = 2
    TEXT = 3
    ATTACHMENTS = 4
    FOOTER = 5
    HORIZON = 6


class Entry(Struct, eq=False):
    """A piece and where it stands in its message."""

    piece: Piece
    section: Section
    index: int
    gap: int
    x: int = 0
    y: int = 0

    @property
    def bottom(self) -> int:
        """Where it ends."""
        return self.y + self.piece.height
