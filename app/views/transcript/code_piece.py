"""A block of code: never wrapped, laid out line by line as lines come into view.

The height follows from the number of lines alone, so that a long block costs what is seen of it.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QTextCharFormat, QTextLayout, QTextOption

from app.markdown import Block, CodeBlock
from app.markdown.plain import cut_line
from app.views.theme import RADIUS, SPACING, grown
from app.views.transcript.code_colours import CodeColours, format_range
from app.views.transcript.highlight import CodeFormats, language_name
from app.views.transcript.marks import mark_format, utf16_units
from app.views.transcript.piece import BlockPiece, Range
from app.views.transcript.render import indent_px
from app.views.transcript.sideways import BAR_HEIGHT, Sideways
from app.views.transcript.style import CODE_LINE_HEIGHT, Style

HEADER_HEIGHT = 30
PADDING = 12
TAB_CHARS = 4
MAX_LAYOUTS = 400
SLICE_S = 0.004
"""How long colours are worked out at one time."""


class CodePiece(BlockPiece):
    """Code with its language above it and a button that copies it."""

    block: CodeBlock

    def __init__(self, block: CodeBlock, style: Style, formats: CodeFormats) -> None:
        super().__init__(block, style)
        self.sideways = Sideways()
        self.growing = False
        """Whether more code may come."""
        self.copied = False
        self._colours = CodeColours(formats)
        self._header = grown(HEADER_HEIGHT)
        self._metrics = QFontMetricsF(style.mono)
        self._line_height = math.ceil(self._metrics.lineSpacing() * CODE_LINE_HEIGHT)
        self._lines: list[str] = []
        self._starts: list[int] = []
        self._layouts: dict[int, QTextLayout] = {}
        self._content_width = 0.0
        self._split(0, block.text)

    def accepts(self, block: Block) -> bool:
        """Other code of the same language."""
        return isinstance(block, CodeBlock) and block.language == self.block.language

    def set_block(self, block: Block) -> None:
        """Show other code; lines that stay are kept."""
        assert isinstance(block, CodeBlock)
        before, self.block = self.block.text, block
        if block.text.startswith(before) and self._starts:
            start = self._starts.pop()
            last = len(self._lines) - 1
            self._lines.pop()
            self._layouts.pop(last, None)
            self._split(start, block.text[start:])
        else:
            self._lines, self._starts, self._layouts = [], [], {}
            self._content_width = 0.0
            self._colours.drop()
            self._split(0, block.text)
        self._place()
        self.measure()

    def _split(self, start: int, text: str) -> None:
        for line in text.split("\n"):
            for part in cut_line(line):
                self._lines.append(part)
                self._starts.append(start)
                self._content_width = max(self._content_width, self._line_width(part))
                start += len(part)
            start += 1

    def _line_width(self, line: str) -> float:
        shown = line.expandtabs(TAB_CHARS)
        if shown.isascii():
            return len(shown) * self._metrics.horizontalAdvance("m")
        return self._metrics.horizontalAdvance(shown)

    # Geometry

    def set_width(self, width: int) -> None:
        """As the base does; nothing has to be laid out again."""
        super().set_width(width)
        self._place()
        self.measure()

    def _place(self) -> None:
        frame = self.frame()
        inner = QRectF(
            frame.left() + PADDING,
            self._header,
            max(frame.width() - 2 * PADDING, 20),
            len(self._lines) * self._line_height,
        )
        assert self.sideways is not None
        self.sideways.set_extent(self._content_width, inner)

    def frame(self) -> QRectF:
        """The block's ground."""
        left = indent_px(self.block.indent)
        return QRectF(left, 0, max(self.width - left, 60), max(self.height, 1))

    def estimate(self) -> int:
        """Exact, in truth."""
        return self._header + len(self._lines) * self._line_height + PADDING

    def exact_height(self) -> int:
        """From the number of lines."""
        assert self.sideways is not None
        return self.estimate() + (BAR_HEIGHT - 4 if self.sideways.needed else 0)

    def copy_button(self) -> QRectF:
        """Where the button is that copies the code."""
        metrics = QFontMetricsF(self.style.small)
        words = (_copy_words(copied=False), _copy_words(copied=True))
        width = max(map(metrics.horizontalAdvance, words)) + 2 * SPACING
        return QRectF(self.frame().right() - width - 4, 4, width, self._header - 8)

    # Colours

    @property
    def wants_colours(self) -> bool:
        """Whether `highlight` has something to do."""
        return self._colours.are_wanted(len(self.block.text), growing=self.growing)

    def highlight(self, budget_s: float = SLICE_S) -> None:
        """Work on the colours for about that long."""
        if self._colours.advance(self.block, budget_s):
            self._layouts.clear()

    def formats_of_line(self, index: int) -> list[QTextLayout.FormatRange]:
        """The colours of one line."""
        return self._colours.of_line(self._lines[index], self._starts[index])

    # Text

    def length(self) -> int:
        """The number of characters."""
        return len(self.block.text)

    def text(self, start: int, end: int | None) -> str:
        """Exactly the code."""
        return self.block.text[start:end]

    def cut(self, start: int, end: int | None) -> Block | None:
        """The code in the range."""
        return replace(self.block, text=self.text(start, end))

    def position_at(self, point: QPointF) -> int:
        """The character nearest to a point."""
        index = int((point.y() - self._header) // self._line_height)
        if index < 0:
            return 0
        if index >= len(self._lines):
            return self.length()
        assert self.sideways is not None
        x = point.x() - self.sideways.frame.left() + self.sideways.offset
        line = self._layout(index).lineAt(0)
        units = line.xToCursor(x)
        return self._starts[index] + _code_points(self._lines[index], units)

    def top_of(self, position: int) -> int:
        """From the number of lines before it."""
        line = max(bisect_right(self._starts, position) - 1, 0)
        return self._header + line * self._line_height

    def left_of(self, position: int) -> float:
        """From the layout of its line."""
        index = max(bisect_right(self._starts, position) - 1, 0)
        units = utf16_units(self._lines[index], position - self._starts[index])
        # The place, and the position that it is really at.
        found: Any = self._layout(index).lineAt(0).cursorToX(units)
        return float(found[0])

    def find(self, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        """In the code as a whole."""
        return [match.span() for match in pattern.finditer(self.block.text)]

    def word_at(self, position: int) -> tuple[int, int]:
        """The identifier or the run of other characters around a position."""
        text = self.block.text
        start = end = min(position, len(text))
        while start > 0 and _is_word(text[start - 1]):
            start -= 1
        while end < len(text) and _is_word(text[end]):
            end += 1
        return (start, end) if start != end else (start, min(start + 1, len(text)))

    def is_text_at(self, point: QPointF) -> bool:
        """In the code, not in the header."""
        return point.y() >= self._header and self.frame().contains(point)

    def release(self) -> None:
        """Drop the line layouts."""
        self._layouts.clear()

    # Painting

    def _layout(self, index: int) -> QTextLayout:
        made = self._layouts.get(index)
        if made is None:
            if len(self._layouts) > MAX_LAYOUTS:
                self._layouts.clear()
            made = self._layouts[index] = QTextLayout(self._lines[index], self.style.mono)
            option = QTextOption()
            option.setWrapMode(QTextOption.WrapMode.NoWrap)
            option.setTextDirection(Qt.LayoutDirection.LeftToRight)
            option.setTabStopDistance(self._metrics.horizontalAdvance("m") * TAB_CHARS)
            made.setTextOption(option)
            made.setFormats(self.formats_of_line(index))
            made.beginLayout()
            line = made.createLine()
            line.setLineWidth(1e6)
            made.endLayout()
        return made

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:
        """Draw the ground, the language and the lines in sight."""
        theme = self.style.theme
        frame = self.frame()
        self.paint_bars(painter, self.block.bars, 0, self.height)
        painter.setPen(theme.color("border"))
        painter.setBrush(theme.color("code_ground"))
        painter.drawRoundedRect(frame.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        self._paint_header(painter, frame)
        assert self.sideways is not None
        inner = self.sideways.frame
        painter.save()
        painter.setClipRect(inner.adjusted(-4, 0, 4, 2), Qt.ClipOperation.IntersectClip)
        painter.setPen(self.style.text)
        first = max(int((clip.top() - self._header) // self._line_height), 0)
        last = int((clip.bottom() - self._header) // self._line_height) + 1
        lead = (self._line_height - self._metrics.height()) / 2
        for index in range(first, min(last, len(self._lines))):
            y = self._header + index * self._line_height + lead
            origin = QPointF(inner.left() - self.sideways.offset, y)
            self._layout(index).draw(painter, origin, self._selections(index, selected))
        painter.restore()
        self.sideways.paint(painter, theme)

    def _paint_header(self, painter: QPainter, frame: QRectF) -> None:
        baseline = (self._header + QFontMetricsF(self.style.small).ascent()) / 2 - 1
        painter.setFont(self.style.small)
        painter.setPen(self.style.theme.color("muted"))
        name = language_name(self.block.language) if self.block.language else ""
        name = name or QCoreApplication.translate("Code", "Code")
        room = max(self.copy_button().left() - frame.left() - PADDING - SPACING, 0)
        shown = QFontMetricsF(self.style.small).elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(frame.left() + PADDING, baseline), shown)
        self.paint_marker(
            painter, self.block.marker, frame.left(), QFontMetricsF(self.style.body).ascent()
        )

    def paint_copy_button(self, painter: QPainter, *, pressed: bool) -> None:
        """Draw the button; the view does so where the pointer is over the block."""
        theme = self.style.theme
        button = self.copy_button()
        painter.setPen(theme.color("control"))
        painter.setBrush(theme.color("hover" if pressed else "raised"))
        painter.drawRoundedRect(button.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS / 2, RADIUS / 2)
        painter.setFont(self.style.small)
        painter.setPen(theme.color("accent" if self.copied else "text"))
        label = _copy_words(copied=self.copied)
        painter.drawText(button, Qt.AlignmentFlag.AlignCenter, label)

    def _selections(self, index: int, selected: Range | None) -> list[QTextLayout.FormatRange]:
        ranges = [
            made
            for mark in self.marks
            for made in self._set_off(index, (mark.start, mark.end), mark_format(self.style, mark))
        ]
        if selected is None:
            return ranges
        look = QTextCharFormat()
        look.setBackground(self.style.theme.color("selection"))
        look.setForeground(self.style.theme.color("on_selection"))
        return ranges + self._set_off(index, selected, look)

    def _set_off(
        self, index: int, selected: Range, look: QTextCharFormat
    ) -> list[QTextLayout.FormatRange]:
        line, start = self._lines[index], self._starts[index]
        low = max(selected[0] - start, 0)
        high = len(line) if selected[1] is None else min(selected[1] - start, len(line))
        return [format_range(line, low, high, look)] if low < high else []


def _copy_words(*, copied: bool) -> str:
    if copied:
        return QCoreApplication.translate("Code", "Copied")
    return QCoreApplication.translate("Code", "Copy")


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _code_points(line: str, units: int) -> int:
    """How many characters the first UTF-16 units hold."""
    if line.isascii():
        return units
    return len(line.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore"))
