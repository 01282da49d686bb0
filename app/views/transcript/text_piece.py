"""Paragraphs, headings and list items."""

from __future__ import annotations

import math

from msgspec.structs import replace
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QTextBlock, QTextCursor

from app.markdown import Block, Mark, Paragraph, Span, TextBlock
from app.markdown.blocks import line_prefix
from app.markdown.written import cut_spans
from app.views.transcript.document_piece import DocumentPiece
from app.views.transcript.markers import paint_marker
from app.views.transcript.marks import utf16_units
from app.views.transcript.piece import Range
from app.views.transcript.render import (
    InertDocument,
    gap_px,
    indent_px,
    is_rtl,
    write_spans,
    write_text,
)
from app.views.transcript.style import Style


class TextPiece(DocumentPiece):
    """Paragraphs, headings, list items.

    `typed` text is shown as it was typed; a `snug` piece is only as wide as its longest line.
    """

    block: TextBlock

    def __init__(
        self, block: TextBlock, style: Style, *, typed: bool = False, snug: bool = False
    ) -> None:
        super().__init__(block, style)
        self._typed = typed
        self._snug = snug

    def accepts(self, block: Block) -> bool:
        """Other text."""
        return isinstance(block, TextBlock)

    def set_block(self, block: Block) -> None:
        """Show other text; text that only grew at its end is added to what is there."""
        assert isinstance(block, TextBlock)
        before, self.block = self.block, block
        self.measured = False
        self.height = self.estimate()
        if self._document is not None and not self._append(before, block):
            self._write(self._document)

    def _append(self, before: TextBlock, block: TextBlock) -> bool:
        grown = _grown_span(before, block)
        if grown is None or self._document is None:
            return False
        if is_rtl(before.paragraphs[-1].spans) != is_rtl(block.paragraphs[-1].spans):
            return False
        cursor = QTextCursor(self._document)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        write_spans(cursor, (grown,), block.paragraphs[-1].heading, self.style)
        return True

    def _write(self, document: InertDocument) -> None:
        write_text(document, self.block, self.style, typed=self._typed)

    def _lay_out(self, document: InertDocument) -> None:
        document.setTextWidth(max(self.width, 1))
        if self._snug:
            document.setTextWidth(min(math.ceil(document.idealWidth()), self.width))

    def estimate(self) -> int:
        """From the number of characters."""
        lines = 0.0
        gaps = 0
        for index, paragraph in enumerate(self.block.paragraphs):
            per_line = max(self.width - indent_px(paragraph.indent), 40) / self.style.char_width
            for span in paragraph.spans:
                lines += len(span.text) / per_line + span.text.count("\n")
            lines = math.floor(lines) + 1
            gaps += gap_px(paragraph.joint, heading=paragraph.heading) if index else 0
        return max(int(lines * self.style.line_height) + gaps, 1)

    def natural_width(self) -> int:
        """The width of its longest line."""
        return math.ceil(self.document.textWidth())

    def text(self, start: int, end: int | None) -> str:
        """The visible text, list markers included where a range covers them."""
        parts: list[str] = []
        block = self.document.begin()
        for paragraph in self.block.paragraphs:
            part = self.range_in(block, start, end)
            if part is not None:
                marked = start <= block.position()
                prefix = line_prefix(paragraph.indent, paragraph.marker) if marked else ""
                parts.append((paragraph.joint if parts else "") + prefix + part)
            block = block.next()
        return "".join(parts)

    def cut(self, start: int, end: int | None) -> Block | None:
        """Its paragraphs as far as they are in the range; a marker goes with the first letter."""
        kept: list[Paragraph] = []
        block = self.document.begin()
        for paragraph in self.block.paragraphs:
            first, n_letters = block.position(), block.length() - 1
            low = max(start - first, 0)
            high = n_letters if end is None else min(end - first, n_letters)
            if low < high or (low == 0 == high == n_letters):
                lengths = ((span, self._length_of(span, paragraph)) for span in paragraph.spans)
                spans = tuple(cut_spans(lengths, low, high))
                marker = paragraph.marker if low == 0 else ""
                kept.append(replace(paragraph, spans=spans, marker=marker))
            block = block.next()
        return TextBlock(tuple(kept)) if kept else None

    def _length_of(self, span: Span, paragraph: Paragraph) -> int:
        is_picture = span.marks & Mark.FORMULA and self.style.picture(span.text, paragraph.heading)
        return 1 if is_picture else utf16_units(span.text, len(span.text))

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:
        """Draw bars, markers and text."""
        document = self.document
        self._paint_quotes(painter)
        block = document.begin()
        for paragraph in self.block.paragraphs:
            if paragraph.marker:
                self._paint_marker(painter, block, paragraph)
            block = block.next()
        self.draw_document(painter, clip, selected)

    def _paint_quotes(self, painter: QPainter) -> None:
        """Draw each bar from the first to the last paragraph of its run."""
        if not any(paragraph.bars for paragraph in self.block.paragraphs):
            return
        layout = self.document.documentLayout()
        runs: dict[int, tuple[float, float, bool]] = {}
        block = self.document.begin()
        for paragraph in self.block.paragraphs:
            rect = layout.blockBoundingRect(block)
            for level in [level for level in runs if level not in paragraph.bars]:
                self._paint_bar(painter, level, *runs.pop(level))
            for level in paragraph.bars:
                top, _, rtl = runs.get(level, (rect.top(), 0.0, is_rtl(paragraph.spans)))
                runs[level] = (top, rect.bottom(), rtl)
            block = block.next()
        for level, run in runs.items():
            self._paint_bar(painter, level, *run)

    def _paint_bar(self, painter: QPainter, level: int, top: float, low: float, rtl: bool) -> None:
        self.paint_bars(painter, (level,), top, low, rtl=rtl)

    def _paint_marker(self, painter: QPainter, block: QTextBlock, paragraph: Paragraph) -> None:
        layout = block.layout()
        if layout.lineCount() == 0:
            return
        line = layout.lineAt(0)
        baseline = layout.position().y() + line.y() + line.ascent()
        indent = indent_px(paragraph.indent)
        rtl = is_rtl(paragraph.spans)
        edge = self.width - indent if rtl else indent
        paint_marker(painter, self.style, paragraph.marker, edge, baseline, rtl=rtl)


def _grown_span(before: TextBlock, after: TextBlock) -> Span | None:
    """What was added, if the only difference is more text of the same look at the very end."""
    old, new = before.paragraphs, after.paragraphs
    if len(old) != len(new) or old[:-1] != new[:-1]:
        return None
    first, second = old[-1], new[-1]
    if (
        not first.spans
        or len(first.spans) != len(second.spans)
        or first.spans[:-1] != (second.spans[:-1])
    ):
        return None
    if Paragraph((), first.heading, first.indent, first.marker, first.bars, first.joint) != (
        Paragraph((), second.heading, second.indent, second.marker, second.bars, second.joint)
    ):
        return None
    last, grown = first.spans[-1], second.spans[-1]
    if last.marks != grown.marks or last.marks & Mark.FORMULA or last.href or grown.href:
        return None
    if not grown.text.startswith(last.text) or len(grown.text) == len(last.text):
        return None
    return Span(grown.text[len(last.text) :], grown.marks)
