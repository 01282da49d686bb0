"""Blocks back to Markdown: what is selected of a message, as somebody would have written it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from app.markdown.blocks import (
    Block,
    CodeBlock,
    FormulaBlock,
    Mark,
    NoteBlock,
    Paragraph,
    RuleBlock,
    Span,
    TableBlock,
    TextBlock,
)

_TASKS = {"☐": "[ ] ", "☑": "[x] "}
_BULLET = "- "
_FOOTNOTE_INDENT = 4
_MARKS = {Mark.STRONG: "**", Mark.EMPHASIS: "*", Mark.STRIKE: "~~"}
_SPECIAL = re.compile(r"[\\`*<]|\](?=[(\[:])|(?<![^\W_])_|_(?![^\W_])")
"""Of brackets the closing one, since an opening one behind a backslash begins a formula."""
_BEGINNING = re.compile(
    r"^([ \t]*)(?=[#>+-]+[ \t]|-+$)|^([ \t]*\d{1,9})(?=[.)][ \t])", re.MULTILINE
)
_DASHES = {"": "---", "left": ":--", "center": ":-:", "right": "--:"}


def written(blocks: Iterable[Block]) -> str:
    """Markdown that means these blocks; what stood around them is not needed for it."""
    writer = _Writer()
    for block in blocks:
        writer.add(block)
    return writer.text


class _Writer:
    """Knows how far the items of the lists stand in that are open."""

    def __init__(self) -> None:
        self.text = ""
        self._widths: dict[int, int] = {}
        self._bars: tuple[int, ...] = ()

    def add(self, block: Block) -> None:
        match block:
            case TextBlock(paragraphs):
                for paragraph in paragraphs:
                    self._add_paragraph(paragraph)
            case CodeBlock(text, language):
                fence = "`" * max(3, _longest_run(text) + 1)
                self._put(block, f"{fence}{language}\n{text}\n{fence}")
            case TableBlock():
                self._put(block, _table(block))
            case FormulaBlock(text):
                self._put(block, text)
            case RuleBlock():
                self._put(block, "---")
            case NoteBlock():
                pass

    def _add_paragraph(self, paragraph: Paragraph) -> None:
        text = _BEGINNING.sub(lambda match: match[0] + "\\", _inline(paragraph.spans).rstrip())
        if paragraph.heading:
            text = f"{'#' * paragraph.heading} {text}"
        label = paragraph.anchor.removeprefix("footnote-")
        self._put(paragraph, text, f"[^{label}]: " if label else "")

    def _put(
        self,
        block: Paragraph | CodeBlock | TableBlock | FormulaBlock | RuleBlock,
        text: str,
        label: str = "",
    ) -> None:
        first, others = self._prefixes(block.indent, block.marker, block.bars, label)
        if self.text:
            self.text += "\n" if block.joint == "\n" else f"\n{self._blank(block.bars)}\n"
        head, *rest = text.split("\n")
        lines = [first + head, *(others + line if line else others.rstrip() for line in rest)]
        self.text += "\n".join(lines)
        self._bars = block.bars

    def _prefixes(
        self, indent: int, marker: str, bars: Sequence[int], label: str
    ) -> tuple[str, str]:
        """What stands before the first line, and before the others."""
        first = others = ""
        own = max((level for level in range(indent) if level not in bars), default=-1)
        for level in range(indent):
            mark = ""
            if level in bars:
                part = "> "
            elif level == own and (label or marker):
                mark = label or _marker(marker)
                is_task = marker in _TASKS
                width = _FOOTNOTE_INDENT if label else len(_BULLET if is_task else mark)
                part = " " * width
                self._widths[level] = width
            else:
                part = " " * self._widths.get(level, len(_BULLET))
            first, others = first + (mark or part), others + part
        return first, others

    def _blank(self, bars: Sequence[int]) -> str:
        """An empty line in the quotes that go on behind it."""
        shared = [level for level in bars if level in self._bars]
        if not shared:
            return ""
        return self._prefixes(shared[-1] + 1, "", bars, "")[1].rstrip()


def _marker(marker: str) -> str:
    if marker in _TASKS:
        return _BULLET + _TASKS[marker]
    return f"{marker} " if marker[0].isdigit() else _BULLET


def _table(block: TableBlock) -> str:
    head, *rows = [[_inline(cell).replace("|", r"\|") for cell in row] for row in block.rows]
    dashes = [_DASHES.get(each, "---") for each in block.alignments]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, dashes, *rows))


def _inline(spans: Iterable[Span]) -> str:
    """Spans with their marks; links and footnotes as such."""
    return "".join(_linked(href, list(run)) for href, run in groupby(spans, lambda s: s.href))


def _linked(href: str, spans: Sequence[Span]) -> str:
    if href.startswith("#from-"):
        return ""
    if href.startswith("#footnote-"):
        return f"[^{href.removeprefix('#footnote-')}]"
    text = _marked(spans)
    if not href:
        return text
    return f"[{text}](<{href}>)" if re.search(r"[\s()]", href) else f"[{text}]({href})"


def _marked(spans: Sequence[Span]) -> str:
    out = ""
    opened: list[Mark] = []
    for span in spans:
        text = _own(span)
        wanted = [mark for mark in _MARKS if span.marks & mark and text.strip()]
        while any(mark not in wanted for mark in opened):
            out = _closed(out, opened.pop())
        for mark in wanted:
            if mark not in opened:
                inside = text.lstrip()
                out += text[: len(text) - len(inside)] + _MARKS[mark]
                text = inside
                opened.append(mark)
        out += text
    while opened:
        out = _closed(out, opened.pop())
    return out


def _closed(text: str, mark: Mark) -> str:
    """The text with a mark at its end, before white space: behind it, it would close nothing."""
    inside = text.rstrip()
    return inside + _MARKS[mark] + text[len(inside) :]


def _own(span: Span) -> str:
    if span.marks & Mark.FORMULA:
        return span.text
    if span.marks & Mark.CODE:
        fence = "`" * (_longest_run(span.text) + 1)
        pad = " " if span.text.startswith("`") or span.text.endswith("`") else ""
        return f"{fence}{pad}{span.text}{pad}{fence}"
    return _SPECIAL.sub(lambda match: "\\" + match[0], span.text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def cut_spans(spans: Iterable[tuple[Span, int]], start: int, end: int) -> Iterator[Span]:
    """The part of spans between two places.

    Args:
        spans: Each with its length, which is 1 where it stands as a picture.
        start: In UTF-16 units, as Qt counts.
        end: The same.
    """
    at = 0
    for span, length in spans:
        low, high = max(start - at, 0), min(end - at, length)
        at += length
        if low >= high:
            continue
        whole = (low, high) == (0, length)
        units = span.text.encode("utf-16-le", "surrogatepass")[2 * low : 2 * high]
        text = span.text if whole else units.decode("utf-16-le", "surrogatepass")
        yield Span(text, span.marks, span.href)
