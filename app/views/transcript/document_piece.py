"""The base of pieces that are laid out by a `QTextDocument`."""

from __future__ import annotations

import math
import re
from abc import abstractmethod

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QBrush,
    QPainter,
    QPalette,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)

from app.markdown import Block
from app.views.transcript.formula_pictures import OBJECT, source_of
from app.views.transcript.marks import mark_format, utf16_units
from app.views.transcript.piece import BlockPiece, Mark, Range
from app.views.transcript.render import InertDocument
from app.views.transcript.style import Style

_LAST_SINGLE_UNIT = 0xFFFF
"""Characters behind it take two positions in a document."""


class DocumentPiece(BlockPiece):
    """Paints, hits and copies through a document that is made when it is first needed."""

    first_position = 0

    def __init__(self, block: Block, style: Style) -> None:
        super().__init__(block, style)
        self._document: InertDocument | None = None

    @property
    def document(self) -> InertDocument:
        """The document, laid out: the lines of one that is not must never be asked for."""
        if self._document is None:
            self._document = InertDocument(self.style)
            self._write(self._document)
            self._lay_out(self._document)
            self._document.size()
        return self._document

    @abstractmethod
    def _write(self, document: InertDocument) -> None:
        """Fill the document from the block."""

    @abstractmethod
    def _lay_out(self, document: InertDocument) -> None:
        """Give the document its width."""

    def set_width(self, width: int) -> None:
        """As the base does; the document follows."""
        changed = width != self.width
        super().set_width(width)
        if changed and self._document is not None:
            self._lay_out(self._document)

    def exact_height(self) -> int:
        """The document's."""
        return math.ceil(self.document.size().height())

    @property
    def wants_formulas(self) -> bool:
        """Whether pictures may arrive that it shows the source of now."""
        return self._document is not None and self._document.lacks_formulas

    def refresh(self) -> None:
        """Make the document anew, with the pictures that there are now."""
        self._document = None
        self.measured = False

    def release(self) -> None:
        """Drop the document."""
        self._document = None

    def origin(self) -> QPointF:
        """Where the document's own (0, 0) stands."""
        return QPointF(0, 0)

    def length(self) -> int:
        """The document's last position."""
        return max(self.document.characterCount() - 1, 0)

    def position_at(self, point: QPointF) -> int:
        """The position nearest to a point."""
        layout = self.document.documentLayout()
        found = layout.hitTest(point - self.origin(), Qt.HitTestAccuracy.FuzzyHit)
        return min(max(found, 0), self.length())

    def top_of(self, position: int) -> int:
        """From the layout of the paragraph."""
        block = self.document.findBlock(min(position, self.length()))
        top = self.document.documentLayout().blockBoundingRect(block).top()
        line = block.layout().lineForTextPosition(position - block.position())
        return int(top + line.y()) if line.isValid() else int(top)

    def left_of(self, position: int) -> float:
        """From the layout of the paragraph."""
        block = self.document.findBlock(min(position, self.length()))
        return self.document.documentLayout().blockBoundingRect(block).left()

    def find(self, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        """Paragraph by paragraph, cell by cell."""
        found: list[tuple[int, int]] = []
        block = self.document.begin()
        while block.isValid():
            text, start = block.text(), block.position()
            for match in pattern.finditer(text):
                low = start + utf16_units(text, match.start())
                found.append((low, start + utf16_units(text, match.end())))
            block = block.next()
        return found

    def word_at(self, position: int) -> tuple[int, int]:
        """The word around a position."""
        cursor = QTextCursor(self.document)
        cursor.setPosition(min(position, self.length()))
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
        return cursor.selectionStart(), cursor.selectionEnd()

    def step(self, position: int, way: int, *, words: bool) -> int:
        """As a text field steps, so that no character is cut in two."""
        cursor = QTextCursor(self.document)
        cursor.setPosition(min(max(position, self.first_position), self.length()))
        forward, back = (
            QTextCursor.MoveOperation.NextCharacter,
            QTextCursor.MoveOperation.PreviousCharacter,
        )
        if words:
            forward, back = (
                QTextCursor.MoveOperation.NextWord,
                QTextCursor.MoveOperation.PreviousWord,
            )
        cursor.movePosition(forward if way > 0 else back)
        return cursor.position()

    def link_at(self, point: QPointF) -> str:
        """The address under a point."""
        return self.document.documentLayout().anchorAt(point - self.origin())

    def is_text_at(self, point: QPointF) -> bool:
        """Everywhere in its height."""
        return 0 <= point.y() < self.height

    def draw_document(self, painter: QPainter, clip: QRectF, selected: Range | None) -> None:
        """Draw the document with the selected range set off."""
        context = QAbstractTextDocumentLayout.PaintContext()
        context.clip = clip.translated(-self.origin())
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Text, self.style.text)
        context.palette = palette
        context.selections = [self._marked(mark) for mark in self.marks]
        if selected is not None:
            context.selections = [*context.selections, self._selection(selected)]
        painter.save()
        painter.translate(self.origin())
        self.document.documentLayout().draw(painter, context)
        painter.restore()

    def _marked(self, mark: Mark) -> QAbstractTextDocumentLayout.Selection:
        return self._set_off((mark.start, mark.end), mark_format(self.style, mark))

    def _selection(self, selected: Range) -> QAbstractTextDocumentLayout.Selection:
        look = QTextCharFormat()
        look.setBackground(QBrush(self.style.theme.color("selection")))
        look.setForeground(QBrush(self.style.theme.color("on_selection")))
        return self._set_off(selected, look)

    def _set_off(
        self, selected: Range, look: QTextCharFormat
    ) -> QAbstractTextDocumentLayout.Selection:
        start, end = max(selected[0], self.first_position), selected[1]
        cursor = QTextCursor(self.document)
        cursor.setPosition(min(start, self.length()))
        last = self.length() if end is None else max(min(end, self.length()), start)
        cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
        selection = QAbstractTextDocumentLayout.Selection()
        selection.cursor = cursor
        selection.format = look
        return selection

    def range_in(self, block: QTextBlock, start: int, end: int | None) -> str | None:
        """The selected part of one paragraph, None where the range does not touch it."""
        first = block.position()
        last = first + block.length() - 1
        stop = last if end is None else min(end, last)
        if start > last or (end is not None and end < first):
            return None
        cursor = QTextCursor(self.document)
        cursor.setPosition(max(start, first))
        cursor.setPosition(stop, QTextCursor.MoveMode.KeepAnchor)
        return self._with_sources(cursor.selectedText().replace("\u2028", "\n"), max(start, first))

    def _with_sources(self, text: str, start: int) -> str:
        """Put the sources of formulas in the places of the characters that stand for them."""
        if OBJECT not in text:
            return text
        parts: list[str] = []
        position = start
        for char in text:
            position += 1 + (ord(char) > _LAST_SINGLE_UNIT)
            if char == OBJECT:
                cursor = QTextCursor(self.document)
                cursor.setPosition(position)
                char = source_of(cursor.charFormat())
            parts.append(char)
        return "".join(parts)
