"""A formula that stands apart from text, scrolled sideways where it is wider than the column."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from app.markdown import Block, FormulaBlock
from app.views.theme import SPACING
from app.views.transcript.formula_pictures import Picture
from app.views.transcript.piece import BlockPiece, Range
from app.views.transcript.render import indent_px
from app.views.transcript.sideways import BAR_HEIGHT, Sideways
from app.views.transcript.style import Style

PADDING = SPACING // 2


class FormulaPiece(BlockPiece):
    """The picture of a formula in the middle of the column, or its source."""

    block: FormulaBlock

    def __init__(self, block: FormulaBlock, style: Style) -> None:
        super().__init__(block, style)
        self.sideways = Sideways()
        self._metrics = QFontMetricsF(style.mono)

    def accepts(self, block: Block) -> bool:
        """Another formula."""
        return isinstance(block, FormulaBlock)

    def set_block(self, block: Block) -> None:
        """Show another formula."""
        assert isinstance(block, FormulaBlock)
        self.block = block
        self.refresh()

    @property
    def wants_formulas(self) -> bool:
        """Whether a picture may arrive."""
        return self._picture() is None

    def refresh(self) -> None:
        """Look again what there is to show."""
        self.measured = False
        self.height = self.estimate()

    def _picture(self) -> Picture | None:
        return self.style.picture(self.block.text)

    def _lines(self) -> list[str]:
        return self.block.text.split("\n")

    def estimate(self) -> int:
        """About one line and a half."""
        return int(self.style.line_height * 1.5) + 2 * PADDING

    def exact_height(self) -> int:
        """The picture's, and the bar where it is wider than its room."""
        picture = self._picture()
        if picture is None:
            width = max(map(self._metrics.horizontalAdvance, self._lines()))
            height = len(self._lines()) * self._metrics.lineSpacing()
        else:
            width, height = picture.width, picture.height
        left = indent_px(self.block.indent)
        room = max(self.width - left, 40)
        frame = QRectF(left, 0, room, math.ceil(height) + 2 * PADDING)
        assert self.sideways is not None
        self.sideways.set_extent(width, frame)
        return int(frame.height()) + (BAR_HEIGHT if self.sideways.needed else 0)

    def _left(self) -> float:
        """Where the content begins."""
        assert self.sideways is not None
        frame = self.sideways.frame
        centred = max((frame.width() - self.sideways.content) / 2, 0.0)
        return frame.left() + centred - self.sideways.offset

    def length(self) -> int:
        """The length of its source, though only the whole can be selected."""
        return len(self.block.text)

    def position_at(self, point: QPointF) -> int:
        """Before or behind it."""
        assert self.sideways is not None
        before = point.x() < self._left() + self.sideways.content / 2
        return 0 if before else self.length()

    def word_at(self, position: int) -> tuple[int, int]:  # noqa: ARG002
        """All of it."""
        return 0, self.length()

    def text(self, start: int, end: int | None) -> str:
        """Its source."""
        return self.block.text[start:end]

    def is_text_at(self, point: QPointF) -> bool:
        """Everywhere in its height."""
        return 0 <= point.y() < self.height

    def paint(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:  # noqa: ARG002
        """Draw the picture, else the source."""
        self.paint_bars(painter, self.block.bars, 0, self.height)
        baseline = PADDING + QFontMetricsF(self.style.body).ascent()
        self.paint_marker(painter, self.block.marker, indent_px(self.block.indent), baseline)
        assert self.sideways is not None
        frame = self.sideways.frame
        painter.save()
        painter.setClipRect(frame, Qt.ClipOperation.IntersectClip)
        left = self._left()
        if selected is not None:
            ground = QRectF(left, frame.top(), self.sideways.content, frame.height())
            painter.fillRect(ground, self.style.theme.color("selection"))
        picture = self._picture()
        if picture is not None:
            picture.draw(painter, left, PADDING + picture.ascent)
        else:
            self._paint_source(painter, left, selected=selected is not None)
        painter.restore()
        self.sideways.paint(painter, self.style.theme)

    def _paint_source(self, painter: QPainter, left: float, *, selected: bool) -> None:
        painter.setFont(self.style.mono)
        painter.setPen(self.style.theme.color("on_selection") if selected else self.style.text)
        y = PADDING + self._metrics.ascent()
        for line in self._lines():
            painter.drawText(QPointF(left, y), line)
            y += self._metrics.lineSpacing()
