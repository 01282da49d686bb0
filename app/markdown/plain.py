"""Text that is shown exactly as it is, and the cleaning that all text gets first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.markdown.blocks import Paragraph, Span, TextBlock

CHUNK_CHARS = 4_000
"""Most text that is laid out at once; a longer line is cut here."""
CHUNK_LINES = 80

_UNSHOWABLE = re.compile("[\x00\ud800-\udfff\ufdd0\ufdd1\ufffc]")
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")


def clean(text: str) -> str:
    """Unify line ends; replace what no text layout takes: NUL, lone surrogates, Qt's own marks."""
    return _UNSHOWABLE.sub("\ufffd", _LINE_ENDS.sub("\n", text))


def cut_line(line: str, limit: int = CHUNK_CHARS) -> Iterator[str]:
    """The line in pieces no longer than the limit, cut after a space where there is one nearby."""
    while len(line) > limit:
        space = line.rfind(" ", limit // 2, limit)
        cut = space + 1 if space >= 0 else limit
        yield line[:cut]
        line = line[cut:]
    yield line


def plain_blocks(text: str) -> list[TextBlock]:
    """Text as it was typed, a paragraph a line, in blocks small enough to lay out one by one."""
    blocks: list[TextBlock] = []
    group: list[Paragraph] = []
    size = 0
    for paragraph in _paragraphs(clean(text)):
        length = len(paragraph.spans[0].text) if paragraph.spans else 0
        if group and (size + length > CHUNK_CHARS or len(group) >= CHUNK_LINES):
            blocks.append(TextBlock(tuple(group)))
            group, size = [], 0
        group.append(paragraph)
        size += length
    if group:
        blocks.append(TextBlock(tuple(group)))
    return blocks


def _paragraphs(text: str) -> Iterator[Paragraph]:
    for line in text.split("\n"):
        for index, piece in enumerate(cut_line(line)):
            spans = (Span(piece),) if piece else ()
            yield Paragraph(spans, joint="" if index else "\n")
