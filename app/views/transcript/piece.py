"""What a message is stacked from: something with a height that paints itself and holds text.

Heights are estimated until `measure`; documents and line layouts are made when first needed and
given back by `release`. Positions inside a piece count from 0 to `length()`.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.markdown import Block, RuleBlock
from app.views.theme import SPACING
from app.views.transcript.markers import paint_marker
from app.views.transcript.render import indent_px
from app.views.transcript.sideways import Sideways
from app.views.transcript.style import INDENT, Style

BAR_WIDTH = 3

Range = tuple[int, int | None]
"""A selected range of positions; None is the end."""


class Mark(NamedTuple):
    """A hit of a search; `current` is the one the reader has stepped to."""

    start: int
    end: int
    current: bool


class Piece(ABC):
    """One part of a message. Coordinates are its own: (0, 0) is its upper left corner."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.width = 0
        self.height = 0
        self.measured = False
        self.sideways: Sideways | None = None
        """How far it is moved to the side, where it may be wider than the column."""
        self.marks: tuple[Mark, ...] = ()
        """What a search has found here."""

    def set_width(self, width: int) -> None:
        """Give the piece that much room; its height is an estimate until `measure`."""
        if width != self.width:
            self.width = width
            self.measured = False
            self.height = self.estimate()

    def measure(self) -> None:
        """Find out the true height."""
        self.height = max(self.exact_height(), 1)
        self.measured = True

    @abstractmethod
    def estimate(self) -> int:
        """About how high it will be."""

    @abstractmethod
    def exact_height(self) -> int:
        """How high it is at its width."""

    @abstractmethod
    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:
        """Draw the part inside `clip`."""

    def natural_width(self) -> int:
        """The width that it would fill, at most the one it was given."""
        return self.width

    def length(self) -> int:
        """The last position."""
        return 0

    def position_at(self, point: QPointF) -> int:  # noqa: ARG002
        """The position nearest to a point."""
        return 0

    def top_of(self, position: int) -> int:  # noqa: ARG002
        """How far below the piece's top the line of a position begins."""
        return 0

    def word_at(self, position: int) -> tuple[int, int]:
        """The word around a position."""
        return position, position

    def step(self, position: int, way: int, *, words: bool) -> int:
        """The position of the next letter or word behind a position; before it for -1."""
        moved = position + way
        if words:
            start, end = self.word_at(min(position, moved))
            moved = max(end, moved) if way > 0 else min(start, moved)
        return min(max(moved, 0), self.length())

    def find(self, pattern: re.Pattern[str]) -> list[tuple[int, int]]:  # noqa: ARG002
        """The ranges of all hits."""
        return []

    def left_of(self, position: int) -> float:  # noqa: ARG002
        """How far from the content's left edge a position is, before it is moved sideways."""
        return 0.0

    def text(self, start: int, end: int | None) -> str:  # noqa: ARG002
        """The visible text of a range, as it is copied."""
        return ""

    def link_at(self, point: QPointF) -> str:  # noqa: ARG002
        """The address of the link at a point, or ""."""
        return ""

    def is_text_at(self, point: QPointF) -> bool:  # noqa: ARG002
        """Whether the pointer should show that text can be selected here."""
        return False

    @property
    def wants_formulas(self) -> bool:
        """Whether pictures may arrive that it shows the source of now."""
        return False

    def refresh(self) -> None:  # noqa: B027 - most pieces show no pictures
        """Look again which pictures there are."""

    def release(self) -> None:  # noqa: B027 - most pieces hold nothing
        """Give back what can be made again."""


class BlockPiece(Piece):
    """A piece that shows a block of Markdown."""

    def __init__(self, block: Block, style: Style) -> None:
        super().__init__(style)
        self.block = block

    def cut(self, start: int, end: int | None) -> Block | None:  # noqa: ARG002
        """The block without what is outside a range; None where nothing is left of it."""
        return self.block

    @abstractmethod
    def accepts(self, block: Block) -> bool:
        """Whether `set_block` can show that block."""

    @abstractmethod
    def set_block(self, block: Block) -> None:
        """Show another block in the same place, mostly the same one with more text."""

    def paint_bars(
        self,
        painter: QPainter,
        bars: tuple[int, ...],
        top: float,
        low: float,
        *,
        rtl: bool = False,
    ) -> None:
        """Draw the bars of the quotes that the block stands in, on the side where text begins."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.style.theme.color("border"))
        for level in bars:
            inset = indent_px(level) + 4
            if inset < self.width:
                left = self.width - inset - BAR_WIDTH if rtl else inset
                painter.drawRoundedRect(QRectF(left, top, BAR_WIDTH, low - top), 1.5, 1.5)

    def paint_marker(self, painter: QPainter, marker: str, left: float, baseline: float) -> None:
        """Draw a list marker so that it ends before `left`."""
        paint_marker(painter, self.style, marker, left, baseline)


class RulePiece(BlockPiece):
    """A line across."""

    block: RuleBlock

    def accepts(self, block: Block) -> bool:
        """Any rule looks the same."""
        return isinstance(block, RuleBlock)

    def set_block(self, block: Block) -> None:
        """Take the new place in lists and quotes."""
        assert isinstance(block, RuleBlock)
        self.block = block

    def estimate(self) -> int:
        """Its only height."""
        return SPACING * 2 + 1

    def exact_height(self) -> int:
        """Its only height."""
        return self.estimate()

    def length(self) -> int:
        """As long as what it is copied as."""
        return 3

    def text(self, start: int, end: int | None) -> str:
        """Three dashes."""
        return "---"[start:end]

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:  # noqa: ARG002
        """Draw the line, stronger where it is selected."""
        self.paint_bars(painter, self.block.bars, 0, self.height)
        name = "accent" if selected else "border"
        painter.setPen(QPen(self.style.theme.color(name), 1))
        middle = self.height // 2 + 0.5
        left = indent_px(self.block.indent)
        painter.drawLine(QPointF(left, middle), QPointF(self.width, middle))
        self.paint_marker(painter, self.block.marker, left, middle + 4)


class LabelPiece(Piece):
    """A line of small muted words that belong to the message but not to its text."""

    def __init__(self, text: str, style: Style, *, strong: bool = False, arrow: str = "") -> None:
        super().__init__(style)
        self.label = text
        self.arrow = arrow
        self._font = style.small
        if strong:
            self._font = type(style.small)(style.small)
            self._font.setWeight(self._font.Weight.DemiBold)

    def estimate(self) -> int:
        """Its only height."""
        return math.ceil(QFontMetricsF(self._font).height()) + SPACING // 2

    def exact_height(self) -> int:
        """Its only height."""
        return self.estimate()

    def natural_width(self) -> int:
        """The width of the words."""
        metrics = QFontMetricsF(self._font)
        return math.ceil(metrics.horizontalAdvance(self.label)) + (INDENT if self.arrow else 0)

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:  # noqa: ARG002
        """Draw the words, cut with an ellipsis where there is no room."""
        metrics = QFontMetricsF(self._font)
        painter.setFont(self._font)
        painter.setPen(self.style.theme.color("muted"))
        baseline = metrics.ascent()
        left = 0.0
        if self.arrow:
            painter.drawText(QPointF(0, baseline), self.arrow)
            left = metrics.horizontalAdvance(self.arrow) + SPACING * 0.75
        words = metrics.elidedText(self.label, Qt.TextElideMode.ElideRight, self.width - left)
        painter.drawText(QPointF(left, baseline), words)
