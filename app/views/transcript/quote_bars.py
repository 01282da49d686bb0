"""The bars of a quote that goes on from one block to the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtGui import QPainter

from app.markdown import Block, NoteBlock, TextBlock
from app.views.theme import SPACING
from app.views.transcript.entry import Entry
from app.views.transcript.piece import BlockPiece
from app.views.transcript.render import is_rtl

_REACH = SPACING
"""So far up and, half as far, down bars reach into one another: they end round, above a leading."""


def join_quotes(painter: QPainter, entries: Sequence[Entry], start: int, bottom: float) -> None:
    """Draw the bars that neighbours share through the gaps between them.

    Args:
        painter: Stands at the upper left corner of the message.
        entries: All of the message.
        start: The index of the first that is seen.
        bottom: Below this nothing is seen.
    """
    for before, entry in pairwise(entries[max(start - 1, 0) :]):
        if before.bottom > bottom:
            return
        if not isinstance(before.piece, BlockPiece) or not isinstance(entry.piece, BlockPiece):
            continue
        above, above_rtl = _bars(before.piece.block, -1)
        below, rtl = _bars(entry.piece.block, 0)
        shared = tuple(level for level in below if level in above)
        if shared and rtl == above_rtl:
            painter.save()
            painter.translate(entry.x, entry.y)
            entry.piece.paint_bars(painter, shared, -entry.gap - _REACH, _REACH / 2, rtl=rtl)
            painter.restore()


def _bars(block: Block, paragraph: int) -> tuple[tuple[int, ...], bool]:
    """The levels at which bars run in a paragraph of a block, and whether on the right."""
    if isinstance(block, TextBlock):
        found = block.paragraphs[paragraph]
        return found.bars, is_rtl(found.spans)
    return (() if isinstance(block, NoteBlock) else block.bars), False
