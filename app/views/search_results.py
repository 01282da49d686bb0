"""The hits of a search: how they look, and how one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QBrush,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.domain.search import Hit, Mark
from app.item_models.search_results import SearchResultsModel
from app.views.language import follow_language
from app.views.own_viewport import give_viewport
from app.views.row_ground import paint_row_ground
from app.views.theme import SCALE_SMALL, SPACING, Theme, scaled

_Index = QModelIndex | QPersistentModelIndex
_EXCERPT_LINES = 2


class HitDelegate(QStyledItemDelegate):
    """Draws the title, and below it two lines of the message; what was looked for is marked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """One line for a conversation, three for a message."""
        font: QFont = option.font
        height = QFontMetrics(font).lineSpacing() + SPACING * 2
        hit: Hit = index.data(SearchResultsModel.HIT_ROLE)
        if hit.message_id is not None:
            small = QFontMetrics(scaled(font, SCALE_SMALL)).lineSpacing()
            height += small * _EXCERPT_LINES + SPACING // 2
        return QSize(100, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw a hit."""
        hit: Hit = index.data(SearchResultsModel.HIT_ROLE)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = rect.adjusted(SPACING, 1, -SPACING, -1)
        paint_row_ground(painter, box, self.theme, state)
        words = box.adjusted(SPACING, SPACING - 1, -SPACING, -SPACING + 1)
        line, marks = index.data(SearchResultsModel.LINE_ROLE)
        if hit.message_id is None:
            self._paint_text(painter, words, line, marks, font, 1, "text")
        else:
            strong = QFont(font)
            strong.setWeight(QFont.Weight.DemiBold)
            height = self._paint_text(painter, words, str(index.data()), (), strong, 1, "text")
            words.setTop(words.top() + height + SPACING // 2)
            small = scaled(font, SCALE_SMALL)
            self._paint_text(painter, words, line, marks, small, _EXCERPT_LINES, "muted")
        painter.restore()

    def _paint_text(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        marks: Sequence[Mark],
        font: QFont,
        n_lines: int,
        color: str,
    ) -> int:
        """Draw up to so many lines; gives the height of them."""
        layout = QTextLayout(text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats([self._mark(text, mark) for mark in marks])
        spacing = QFontMetrics(font).lineSpacing()
        ellipsis = QFontMetrics(font).horizontalAdvance("…")
        layout.beginLayout()
        for number in range(n_lines):
            line = layout.createLine()
            if not line.isValid():
                break
            last = number == n_lines - 1
            line.setLineWidth(box.width() - (ellipsis if last else 0))
            line.setPosition(QPointF(0, number * spacing))
        layout.endLayout()
        painter.setPen(self.theme.color(color))
        layout.draw(painter, QPointF(box.topLeft()))
        end = layout.lineAt(layout.lineCount() - 1) if layout.lineCount() else None
        if end is not None and end.textStart() + end.textLength() < _units(text):
            painter.setFont(font)
            at = QPointF(box.left() + end.naturalTextWidth(), box.top() + end.y() + end.ascent())
            painter.drawText(at, "…")
        return spacing * layout.lineCount()

    def _mark(self, text: str, mark: Mark) -> QTextLayout.FormatRange:
        look = QTextCharFormat()
        look.setBackground(QBrush(self.theme.color("selection")))
        look.setForeground(QBrush(self.theme.color("on_selection")))
        made = QTextLayout.FormatRange()
        start = _units(text[: mark[0]])
        made.start, made.length = start, _units(text[mark[0] : mark[1]])
        made.format = look
        return made


class SearchResults(QListView):
    """The hits; a click or Enter opens one."""

    opened = Signal(object)
    """Hit"""
    left = Signal()
    """Enough of searching."""

    def __init__(
        self, model: SearchResultsModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        give_viewport(self)
        self._hits = model
        self._delegate = HitDelegate(theme, self)
        self.setObjectName("searchResults")
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.clicked.connect(self._on_clicked)
        model.modelReset.connect(self._on_reset)
        follow_language(self, self._say)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._delegate.theme = theme
        self.viewport().update()

    def step(self, by: int) -> None:
        """Choose a hit further down, or up where negative."""
        rows = self._hits.rowCount()
        if rows:
            row = min(max(self.currentIndex().row() + by, 0), rows - 1)
            self.setCurrentIndex(self._hits.index(row))

    def open_current(self) -> None:
        """Open the hit that is chosen."""
        hit = self._hits.hit_at(self.currentIndex())
        if hit is not None:
            self.opened.emit(hit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Esc leaves."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_current()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Hits"))

    def _on_clicked(self, _index: QModelIndex) -> None:
        self.open_current()

    def _on_reset(self) -> None:
        if self._hits.rowCount():
            self.setCurrentIndex(self._hits.index(0))


def _units(text: str) -> int:
    """The length in UTF-16 units, in which Qt counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
