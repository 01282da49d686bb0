"""The values that a message is made of once its Markdown is understood.

A message becomes a flat run of blocks. Lists and quotes leave only their traces on the blocks in
them (`indent`, `marker`, `bars`), so that code in a list is the same kind of block as code outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, IntFlag
from itertools import groupby

from msgspec import Struct


class Mark(IntFlag):
    """How a run of text is set off."""

    EMPHASIS = 1
    STRONG = 2
    STRIKE = 4
    CODE = 8
    IMAGE = 16
    """Stands for a picture, which is never loaded."""
    FORMULA = 32
    """A formula in LaTeX, its delimiters included."""
    DISPLAY = 64
    """A formula that stands apart from the text around it."""
    SUPERSCRIPT = 128


PLAIN = Mark(0)


class Span(Struct, frozen=True):
    """A run of text of one look. `href` is set only for links that may be followed.

    An address that begins with "#" leads to the `anchor` of a paragraph of the same message.
    """

    text: str
    marks: Mark = PLAIN
    href: str = ""


class Paragraph(Struct, frozen=True):
    """A paragraph, heading or first line of a list item.

    Args:
        spans: Its text; "\\n" within is a line break.
        heading: 1 to 6, or 0 for ordinary text.
        indent: How many lists and quotes it stands in.
        marker: What stands before it: "•", "3." or nothing.
        bars: The levels of indentation at which a quote's bar runs.
        joint: What separates it from the text before: a blank line, a line end, or nothing.
        anchor: What a link within the message calls it, or nothing.
    """

    spans: tuple[Span, ...]
    heading: int = 0
    indent: int = 0
    marker: str = ""
    bars: tuple[int, ...] = ()
    joint: str = "\n\n"
    anchor: str = ""


class TextBlock(Struct, frozen=True):
    """Paragraphs that are laid out together: one paragraph, one list item, one quote."""

    paragraphs: tuple[Paragraph, ...]

    @property
    def joint(self) -> str:
        """What separates it from the block before."""
        return self.paragraphs[0].joint


class CodeBlock(Struct, frozen=True):
    """Fenced or indented code, without the newline that ends it."""

    text: str
    language: str = ""
    indent: int = 0
    marker: str = ""
    bars: tuple[int, ...] = ()
    joint: str = "\n\n"


Cell = tuple[Span, ...]


class TableBlock(Struct, frozen=True):
    """A table; the first row is its header. `alignments` are "", "left", "center" or "right"."""

    rows: tuple[tuple[Cell, ...], ...]
    alignments: tuple[str, ...]
    indent: int = 0
    marker: str = ""
    bars: tuple[int, ...] = ()
    joint: str = "\n\n"


class RuleBlock(Struct, frozen=True):
    """A line across."""

    indent: int = 0
    marker: str = ""
    bars: tuple[int, ...] = ()
    joint: str = "\n\n"


class FormulaBlock(Struct, frozen=True):
    """A formula on lines of its own; `text` is its source with the delimiters."""

    text: str
    indent: int = 0
    marker: str = ""
    bars: tuple[int, ...] = ()
    joint: str = "\n\n"


class Omission(Enum):
    """Why a part of a message is shown as it was written, and what is counted."""

    MESSAGE_LENGTH = "characters of the message"
    BLOCK_LENGTH = "characters of a part that has no end"
    PARAGRAPH_LENGTH = "characters of the paragraph"
    NESTING = "levels"
    TABLE_SIZE = "cells"


class NoteBlock(Struct, frozen=True):
    """Stands before text that is shown as it was written; it is no part of the message."""

    omission: Omission
    count: int
    joint: str = ""


Block = TextBlock | CodeBlock | TableBlock | RuleBlock | FormulaBlock | NoteBlock


def find_anchor(blocks: Sequence[Block], name: str) -> int | None:
    """The index of the block that a link within the message leads to.

    "from-" and an anchor's name is the first place that has a link to that anchor.
    """
    wanted = f"#{name.removeprefix('from-')}"
    for index, block in enumerate(blocks):
        if name.startswith("from-"):
            if any(span.href == wanted for span in _block_spans(block)):
                return index
        elif isinstance(block, TextBlock) and any(p.anchor == name for p in block.paragraphs):
            return index
    return None


def outward_links(blocks: Iterable[Block]) -> dict[str, str]:
    """The addresses of all links that lead out of the message, in order, each with its words."""
    words: dict[str, str] = {}
    for block in blocks:
        for href, spans in groupby(_block_spans(block), key=lambda span: span.href):
            if href and not href.startswith("#"):
                words.setdefault(href, spans_text(spans))
    return words


def _block_spans(block: Block) -> Iterator[Span]:
    match block:
        case TextBlock(paragraphs):
            for paragraph in paragraphs:
                yield from paragraph.spans
        case TableBlock(rows):
            for row in rows:
                for cell in row:
                    yield from cell


def spans_text(spans: Iterable[Span]) -> str:
    """The visible text of a run of spans."""
    return "".join(span.text for span in spans)


def line_prefix(indent: int, marker: str) -> str:
    """What a copied list item starts with."""
    return f"{'  ' * max(indent - 1, 0)}{marker} " if marker else ""


def paragraph_text(paragraph: Paragraph) -> str:
    """The visible text of a paragraph, its marker included."""
    return line_prefix(paragraph.indent, paragraph.marker) + spans_text(paragraph.spans)


def block_text(block: Block) -> str:
    """What the reader sees of a block, as plain text."""
    match block:
        case TextBlock(paragraphs):
            first, *rest = paragraphs
            return paragraph_text(first) + "".join(p.joint + paragraph_text(p) for p in rest)
        case CodeBlock(text):
            return text
        case TableBlock(rows):
            return "\n".join("\t".join(spans_text(cell) for cell in row) for row in rows)
        case RuleBlock():
            return "---"
        case FormulaBlock(text):
            return text
        case NoteBlock():
            return ""


def plain_text(blocks: Iterable[Block]) -> str:
    """What the reader sees of a message, as plain text."""
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, NoteBlock):
            continue
        if parts:
            parts.append(block.joint)
        parts.append(block_text(block))
    return "".join(parts)
