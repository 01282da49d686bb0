"""Text that is shown exactly as it is, and the cleaning that all text gets first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.markdown.blocks import Paragraph, Span, TextBlock

CHUNK_CHARS = 4_000
"""Most text that is laid out at once; a longer line is cut here."""
CHUNK_LINES = 80
MAX_PARAGRAPHS = 2_000
MANY_LINES = 400
"""Text of more lines than `MAX_PARAGRAPHS` becomes paragraphs of so many lines each."""

_BIDI_CONTROLS = frozenset({*range(0x202A, 0x202F), *range(0x2066, 0x206A)})
_CONTROL_PICTURES = 0x2400
_DELETE_PICTURE = "\u2421"
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffc\ufffe\uffff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")


def clean(text: str) -> str:
    """Unify line ends; make visible what would stay unseen, replace what no text layout takes.

    Marks that turn the direction of what follows can make text read otherwise than it is, so they
    are shown by number; control characters are shown by their pictures.
    """
    text = _LINE_ENDS.sub("\n", text)
    return _UNSEEN.sub(_visible, text) if _UNSEEN.search(text) else text


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in _BIDI_CONTROLS:
        return f"[U+{code:04X}]"
    if 0 < code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return _DELETE_PICTURE if code == 0x7F else "\ufffd"


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
    text = clean(text)
    if text.count("\n") >= MAX_PARAGRAPHS:
        return [TextBlock((each,)) for each in _chunks(text.split("\n"))]
    blocks: list[TextBlock] = []
    group: list[Paragraph] = []
    size = 0
    for paragraph in _paragraphs(text):
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


def _chunks(lines: list[str]) -> Iterator[Paragraph]:
    """Many lines as one paragraph."""
    for start in range(0, len(lines), MANY_LINES):
        together = "\n".join(lines[start : start + MANY_LINES])
        for index, piece in enumerate(cut_line(together)):
            yield Paragraph((Span(piece),) if piece else (), joint="" if index else "\n")
