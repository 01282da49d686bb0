"""Markdown as plain values: parses messages into blocks, whole or while they stream; no Qt."""

from app.markdown.blocks import (
    Block,
    CodeBlock,
    FormulaBlock,
    Mark,
    NoteBlock,
    Omission,
    Paragraph,
    RuleBlock,
    Span,
    TableBlock,
    TextBlock,
    find_anchor,
    plain_text,
)
from app.markdown.plain import clean, plain_blocks
from app.markdown.stream import MarkdownStream

__all__ = [
    "Block",
    "CodeBlock",
    "FormulaBlock",
    "Mark",
    "MarkdownStream",
    "NoteBlock",
    "Omission",
    "Paragraph",
    "RuleBlock",
    "Span",
    "TableBlock",
    "TextBlock",
    "clean",
    "find_anchor",
    "plain_blocks",
    "plain_text",
]
