"""The bars of a quote that goes on from one block to the next."""

from __future__ import annotations

from PySide6.QtGui import QPainter

from app.markdown import Block, NoteBlock, TextBlock
from app.views.theme import SPACING
from app.views.transcript.piece import BlockPiece, Piece
from app.views.transcript.render import is_rtl

_OVERLAP = SPACING
"""Bars end round and above the leading of their last line, so they reach into one another."""


def join_quotes(painter: QPainter, before: Piece, piece: Piece, gap: int) -> None:
    """Draw the bars that two pieces share through the gap between them.

    Args:
        painter: Stands at the upper left corner of the lower piece.
        before: The upper one.
        piece: The lower one, which draws.
        gap: Between the two, in pixels.
    """
    if not isinstance(before, BlockPiece) or not isinstance(piece, BlockPiece):
        return
    above, above_rtl = _bars(before.block, -1)
    below, rtl = _bars(piece.block, 0)
    shared = tuple(level for level in below if level in above)
    if shared and rtl == above_rtl:
        piece.paint_bars(painter, shared, -gap - _OVERLAP, _OVERLAP / 2, rtl=rtl)


def _bars(block: Block, paragraph: int) -> tuple[tuple[int, ...], bool]:
    """The levels at which bars run in a paragraph of a block, and whether on the right."""
    if isinstance(block, TextBlock):
        found = block.paragraphs[paragraph]
        return found.bars, is_rtl(found.spans)
    return (() if isinstance(block, NoteBlock) else block.bars), False
