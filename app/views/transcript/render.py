"""Writes blocks of text and tables into text documents, character by character format.

Nothing here understands HTML, and the documents load nothing: what a model wrote can only be text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QImage,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextLength,
    QTextOption,
    QTextTableFormat,
)

from app.markdown import Mark, Paragraph, Span, TableBlock, TextBlock
from app.views.theme import SPACING
from app.views.transcript.formula_pictures import (
    OBJECT,
    OBJECT_TYPE,
    FormulaObject,
    formula_format,
)
from app.views.transcript.style import INDENT, LINE_HEIGHT_PERCENT, MAX_INDENT_LEVELS, Style

CELL_PADDING = 6
_ALIGNMENTS = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "center": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}
_RTL = frozenset({"R", "AL"})
_DIRECTION_PROBE_CHARS = 200


class InertDocument(QTextDocument):
    """A document that loads no resource, whatever its text names."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)
        self.setDefaultFont(style.body)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setDefaultTextOption(option)
        self.lacks_formulas = False
        """Whether a formula is shown as its source."""
        self._formulas: FormulaObject | None = None

    def draw_formulas(self) -> None:
        """Get ready for formulas, which most documents have none of."""
        if self._formulas is None:
            self._formulas = FormulaObject(self)
            self.documentLayout().registerHandler(OBJECT_TYPE, self._formulas)

    def loadResource(self, resource_type: int, name: QUrl | str) -> object:  # noqa: ARG002
        """A single transparent pixel; returning nothing would let Qt load the file."""
        pixel = QImage(1, 1, QImage.Format.Format_ARGB32)
        pixel.fill(Qt.GlobalColor.transparent)
        return pixel


def indent_px(levels: int) -> int:
    """How far text at that level stands from the edge."""
    return INDENT * min(levels, MAX_INDENT_LEVELS)


def gap_px(joint: str, *, heading: int = 0, after_heading: bool = False) -> int:
    """The space above a paragraph that follows another."""
    if joint != "\n\n":
        return SPACING // 2 if joint else 0
    if heading:
        return SPACING * 3 if heading <= 2 else SPACING * 2 + SPACING // 2
    return SPACING if after_heading else SPACING + SPACING // 2


def is_rtl(spans: Iterable[Span]) -> bool:
    """Whether the first letter that has a direction runs from right to left.

    Code and formulas are Latin in texts of every language, so they tell nothing.
    """
    for span in spans:
        if span.marks & (Mark.CODE | Mark.FORMULA):
            continue
        for char in span.text[:_DIRECTION_PROBE_CHARS]:
            kind = unicodedata.bidirectional(char)
            if kind == "L" or kind in _RTL:
                return kind in _RTL
    return False


def write_text(document: InertDocument, block: TextBlock, style: Style, *, typed: bool) -> None:
    """Fill a document; `typed` text keeps its lines together like a letter, without list gaps."""
    document.clear()
    document.lacks_formulas = False
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    after_heading = False
    for index, paragraph in enumerate(block.paragraphs):
        gap = 0
        if index and not typed:
            gap = gap_px(paragraph.joint, heading=paragraph.heading, after_heading=after_heading)
        block_format = _block_format(paragraph, gap)
        base = style.char_format(_NO_MARKS, paragraph.heading, "")
        if index:
            cursor.insertBlock(block_format, base)
        else:
            cursor.setBlockFormat(block_format)
            cursor.setBlockCharFormat(base)
        write_spans(cursor, paragraph.spans, paragraph.heading, style)
        after_heading = bool(paragraph.heading)
    cursor.endEditBlock()


_NO_MARKS = Span("").marks


def write_spans(
    cursor: QTextCursor, spans: Iterable[Span], heading: int, style: Style, *, bold: bool = False
) -> None:
    """Insert spans; a line break within a paragraph stays one."""
    for span in spans:
        char_format = style.char_format(span.marks, heading, span.href)
        if bold:
            char_format = QTextCharFormat(char_format)
            char_format.setFontWeight(600)
        if span.marks & Mark.FORMULA:
            _write_formula(cursor, span.text, char_format, style, heading)
            continue
        cursor.insertText(span.text.replace("\n", "\u2028"), char_format)


def _write_formula(
    cursor: QTextCursor, source: str, char_format: QTextCharFormat, style: Style, heading: int
) -> None:
    """Insert the character that stands for a formula; its source where it has no picture."""
    document = cursor.document()
    assert isinstance(document, InertDocument)
    picture = style.picture(source, heading)
    if picture is None:
        document.lacks_formulas = True
        cursor.insertText(source.replace("\n", "\u2028"), char_format)
    else:
        document.draw_formulas()
        cursor.insertText(OBJECT, formula_format(char_format, source, picture))


def _block_format(paragraph: Paragraph, gap: int) -> QTextBlockFormat:
    made = QTextBlockFormat()
    made.setTopMargin(gap)
    percent = 115.0 if paragraph.heading else LINE_HEIGHT_PERCENT
    made.setLineHeight(percent, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    indent = indent_px(paragraph.indent)
    if is_rtl(paragraph.spans):
        made.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        made.setRightMargin(indent)
    else:
        made.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        made.setLeftMargin(indent)
    return made


def write_table(
    document: InertDocument, block: TableBlock, style: Style, *, rtl: bool = False
) -> None:
    """Fill a document with one table, the header in bold; with `rtl` the last column comes first.

    Qt has no tables whose columns run from right to left.
    """
    document.clear()
    document.lacks_formulas = False
    n_columns = len(block.rows[0])
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    table = cursor.insertTable(len(block.rows), n_columns, _table_format(n_columns))
    for row, cells in enumerate(block.rows):
        for column, cell in enumerate(cells):
            alignment = block.alignments[column] if column < len(block.alignments) else ""
            place = n_columns - 1 - column if rtl else column
            inside = table.cellAt(row, place).firstCursorPosition()
            inside.setBlockFormat(_cell_block_format(cell, alignment, rtl=rtl))
            inside.setBlockCharFormat(style.char_format(_NO_MARKS, 0, ""))
            write_spans(inside, cell, 0, style, bold=row == 0)
    cursor.endEditBlock()


def _table_format(n_columns: int) -> QTextTableFormat:
    made = QTextTableFormat()
    made.setCellPadding(CELL_PADDING)
    made.setCellSpacing(0)
    made.setBorder(0)
    made.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
    made.setHeaderRowCount(1)
    made.setMargin(0)
    length = QTextLength(QTextLength.Type.VariableLength, 0)
    made.setColumnWidthConstraints([length] * n_columns)
    return made


def _cell_block_format(cell: tuple[Span, ...], alignment: str, *, rtl: bool) -> QTextBlockFormat:
    made = QTextBlockFormat()
    made.setLayoutDirection(
        Qt.LayoutDirection.RightToLeft if is_rtl(cell) else Qt.LayoutDirection.LeftToRight
    )
    if rtl and not alignment:
        alignment = "right"
    if alignment in _ALIGNMENTS:
        made.setAlignment(_ALIGNMENTS[alignment] | Qt.AlignmentFlag.AlignAbsolute)
    return made
