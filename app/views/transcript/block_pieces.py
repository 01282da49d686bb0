"""Which piece shows which block."""

from __future__ import annotations

from app.markdown import (
    Block,
    CodeBlock,
    FormulaBlock,
    NoteBlock,
    RuleBlock,
    TableBlock,
    TextBlock,
)
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.formula_piece import FormulaPiece
from app.views.transcript.note_piece import NotePiece
from app.views.transcript.piece import BlockPiece, RulePiece
from app.views.transcript.style import Style
from app.views.transcript.styles import Styles
from app.views.transcript.table_piece import TablePiece
from app.views.transcript.text_piece import TextPiece


def make_piece(
    block: Block, style: Style, styles: Styles, *, typed: bool, snug: bool
) -> BlockPiece:
    """A piece for a block; `typed` and `snug` as `TextPiece` has them."""
    match block:
        case TextBlock():
            return TextPiece(block, style, typed=typed, snug=snug)
        case CodeBlock():
            return CodePiece(block, style, styles.code)
        case TableBlock():
            return TablePiece(block, style)
        case RuleBlock():
            return RulePiece(block, style)
        case FormulaBlock():
            return FormulaPiece(block, style)
        case NoteBlock():
            return NotePiece(block, style)
