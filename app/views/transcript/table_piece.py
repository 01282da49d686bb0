"""A table, scrolled sideways where it is wider than the column."""

from __future__ import annotations

import math

from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.markdown import Block, TableBlock
from app.markdown.blocks import Cell
from app.views.transcript.document_piece import DocumentPiece
from app.views.transcript.piece import Range
from app.views.transcript.render import (
    CELL_PADDING,
    InertDocument,
    indent_px,
    is_rtl,
    write_table,
)
from app.views.transcript.sideways import BAR_HEIGHT, Sideways
from app.views.transcript.style import Style

MIN_COLUMN_CHARS = 16
"""A table is made wider than the column before its columns get narrower than this."""


class TablePiece(DocumentPiece):
    """A table, scrolled sideways where it is wider than the column."""

    block: TableBlock
    first_position = 1
    """Behind the empty paragraph that Qt keeps before every table."""

    def __init__(self, block: TableBlock, style: Style) -> None:
        super().__init__(block, style)
        self.sideways = Sideways()
        self._row_lines: list[float] = []

    def accepts(self, block: Block) -> bool:
        """Another table."""
        return isinstance(block, TableBlock)

    def set_block(self, block: Block) -> None:
        """Show another state of the table."""
        assert isinstance(block, TableBlock)
        self.block = block
        self.measured = False
        self.height = self.estimate()
        if self._document is not None:
            self._write(self._document)
            self._lay_out(self._document)

    @property
    def _is_rtl(self) -> bool:
        """Whether its first column stands on the right, as its first heading is read."""
        return is_rtl(span for cell in self.block.rows[0] for span in cell)

    def _write(self, document: InertDocument) -> None:
        write_table(document, self.block, self.style, rtl=self._is_rtl)

    def _frame_width(self) -> int:
        return max(self.width - indent_px(self.block.indent), 40)

    def _lay_out(self, document: InertDocument) -> None:
        document.setTextWidth(-1)
        ideal = math.ceil(document.idealWidth())
        columns = len(self.block.rows[0])
        wide = columns * (MIN_COLUMN_CHARS * self.style.char_width + 2 * CELL_PADDING)
        document.setTextWidth(min(ideal, max(self._frame_width(), int(wide))))
        size = document.size()
        frame = QRectF(indent_px(self.block.indent), 0, self._frame_width(), size.height())
        assert self.sideways is not None
        is_at_right = self.sideways.offset >= self.sideways.maximum
        self.sideways.set_extent(size.width(), frame)
        if self._is_rtl and is_at_right:
            self.sideways.move(self.sideways.maximum)
        self._row_lines = self._find_row_lines(document)

    def _find_row_lines(self, document: InertDocument) -> list[float]:
        layout = document.documentLayout()
        lines: list[float] = []
        block = document.begin().next()
        for row in range(len(self.block.rows)):
            low = 0.0
            for _ in self.block.rows[0]:
                low = max(low, layout.blockBoundingRect(block).bottom())
                block = block.next()
            lines.append(low + CELL_PADDING if row or low else low)
        return lines

    def estimate(self) -> int:
        """A line and its padding for each row."""
        return int(len(self.block.rows) * (self.style.line_height + 2 * CELL_PADDING)) + 1

    def exact_height(self) -> int:
        """The table and its bar."""
        height = super().exact_height()
        assert self.sideways is not None
        return height + (BAR_HEIGHT if self.sideways.needed else 0)

    def origin(self) -> QPointF:
        """Moved by the sideways scrolling; from right to left it begins at the right edge."""
        assert self.sideways is not None
        room = self.sideways.frame.width() - self.sideways.content
        shift = max(room, 0.0) if self._is_rtl else 0.0
        return QPointF(indent_px(self.block.indent) + shift - self.sideways.offset, 0)

    def text(self, start: int, end: int | None) -> str:
        """Cells set apart by tabs, rows by line ends."""
        rows: list[str] = []
        block = self.document.begin().next()
        for row in self.block.rows:
            cells: list[str] = []
            for _ in row:
                part = self.range_in(block, start, end)
                if part is not None:
                    cells.append(part)
                block = block.next()
            if cells:
                rows.append("\t".join(reversed(cells) if self._is_rtl else cells))
        return "\n".join(rows)

    def cut(self, start: int, end: int | None) -> Block | None:
        """The rows that the range touches, below the header."""
        kept: list[tuple[Cell, ...]] = []
        block = self.document.begin().next()
        for row in self.block.rows:
            touched = False
            for _ in row:
                touched = touched or bool(self.range_in(block, start, end))
                block = block.next()
            if touched or not kept:
                kept.append(row)
        return replace(self.block, rows=tuple(kept))

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:
        """Draw the visible part of the table and a line under each row."""
        assert self.sideways is not None
        document = self.document
        self.paint_bars(painter, self.block.bars, 0, self.height)
        baseline = CELL_PADDING + QFontMetricsF(self.style.body).ascent()
        self.paint_marker(painter, self.block.marker, indent_px(self.block.indent), baseline)
        painter.save()
        painter.setClipRect(self.sideways.frame, Qt.ClipOperation.IntersectClip)
        self.draw_document(painter, clip & self.sideways.frame, selected)
        left, right = self.origin().x(), self.origin().x() + document.size().width()
        for index, y in enumerate(self._row_lines):
            header = index == 0 and len(self._row_lines) > 1
            painter.setPen(QPen(self.style.theme.color("muted" if header else "border"), 1))
            painter.drawLine(QPointF(left, int(y) - 0.5), QPointF(right, int(y) - 0.5))
        painter.restore()
        self.sideways.paint(painter, self.style.theme)
