"""The command palette: a few letters, the arrow keys and Enter reach everything in the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.item_models.palette import PaletteEntry, PaletteModel
from app.services.recents import Recents
from app.views.language import follow_language
from app.views.row_ground import paint_row_ground
from app.views.theme import SCALE_SMALL, SPACING, Theme, scaled

PaletteSource = Callable[[], Iterable[PaletteEntry]]

_WIDTH = SPACING * 75
_MAX_ROWS = 10
_TOP = SPACING * 8
_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: _MAX_ROWS - 1,
    Qt.Key.Key_PageUp: 1 - _MAX_ROWS,
}
_MAX_LETTERS = 100
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)

_Index = QModelIndex | QPersistentModelIndex


class _Field(QLineEdit):
    """Where the letters are typed; tells when the focus has gone elsewhere."""

    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Menus and other windows do not count as elsewhere."""
        super().focusOutEvent(event)
        here = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if event.reason() not in here:
            self.left.emit()


class _RowDelegate(QStyledItemDelegate):
    """A title with the typed letters marked; kind and keys at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """One height for all rows."""
        return QSize(100, option.fontMetrics.lineSpacing() + SPACING * 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the row."""
        entry = index.data(PaletteModel.ENTRY_ROLE)
        rect: QRect = option.rect
        font: QFont = option.font
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = rect.adjusted(SPACING, 0, -SPACING, 0)
        paint_row_ground(painter, box, self.theme, state, ring=False)
        words = rect.adjusted(SPACING * 2, 0, -SPACING * 2, 0)
        words.setRight(self._paint_end(painter, words, scaled(font, SCALE_SMALL), entry))
        self._paint_title(painter, words, font, index)
        painter.restore()

    def _paint_end(self, painter: QPainter, words: QRect, font: QFont, entry: PaletteEntry) -> int:
        """Kind and keys; gives where they begin."""
        painter.setFont(font)
        painter.setPen(self.theme.color("muted"))
        text = "   ".join(part for part in (entry.kind, entry.shortcut) if part)
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, align, text)
        return words.right() - painter.fontMetrics().horizontalAdvance(text) - SPACING * 2

    def _paint_title(self, painter: QPainter, words: QRect, font: QFont, index: _Index) -> None:
        places = set(index.data(PaletteModel.PLACES_ROLE))
        painter.setFont(font)
        title = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, words.width()
        )
        bold = QFont(font)
        bold.setWeight(QFont.Weight.Bold)
        left = words.left()
        for text, marked in _runs(title, places):
            painter.setFont(bold if marked else font)
            painter.setPen(self.theme.color("accent" if marked else "text"))
            room = QRect(left, words.top(), words.right() - left, words.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
            left += painter.fontMetrics().horizontalAdvance(text)


def _runs(title: str, places: set[int]) -> Iterable[tuple[str, bool]]:
    """The title in pieces, each with whether its letters were typed."""
    start = 0
    for place in range(1, len(title) + 1):
        if place == len(title) or (place in places) != (start in places):
            yield title[start:place], start in places
            start = place


class CommandPalette(QFrame):
    """A field and a list over the window; gone when something is chosen or the focus leaves."""

    def __init__(self, recents: Recents, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("commandPalette")
        self._window = window
        self._recents = recents
        self._sources: list[PaletteSource] = []
        self._focus_before: QWidget | None = None
        self.model = PaletteModel(self)
        self.field = _Field(self)
        self.field.setObjectName("paletteField")
        self.field.setMaxLength(_MAX_LETTERS)
        self.list = QListView(self)
        self.list.setObjectName("paletteList")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setModel(self.model)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._delegate = _RowDelegate(theme, self.list)
        self.list.setItemDelegate(self._delegate)
        self.nothing = QLabel(self)
        self.nothing.setObjectName("muted")
        self.nothing.setContentsMargins(SPACING * 2, SPACING, SPACING * 2, SPACING)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, SPACING)
        column.setSpacing(SPACING // 2)
        for widget in (self.field, self.list, self.nothing):
            column.addWidget(widget)
        self.field.textChanged.connect(self._on_text_changed)
        self.field.left.connect(self.hide)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._on_clicked)
        follow_language(self, self._say)
        self.hide()

    def add_source(self, source: PaletteSource) -> None:
        """Offer what this gives whenever the palette is opened."""
        self._sources.append(source)

    def open(self) -> None:
        """Show it, empty, and take the keys."""
        if not self.isVisible():
            self._focus_before = QApplication.focusWidget()
        entries = [entry for source in self._sources for entry in source()]
        self.model.set_entries(entries, self._recents.keys)
        self.field.clear()
        self._show_rows()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._delegate.theme = theme
        self.list.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field that belong to the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._take_key(Qt.Key(event.key()))
        return super().eventFilter(watched, event)

    def _take_key(self, key: Qt.Key) -> bool:
        if key == Qt.Key.Key_Escape:
            self._leave()
        elif key in _ENTER:
            self._choose(self.list.currentIndex().row())
        elif key in _MOVES:
            self._move(_MOVES[key])
        else:
            # Nothing else in here takes the focus.
            return key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        return True

    def _move(self, by: int) -> None:
        count = self.model.rowCount()
        if count:
            row = self.list.currentIndex().row() + by
            # One step goes round at the ends, a page stops there.
            row = row % count if abs(by) == 1 else min(max(row, 0), count - 1)
            self.list.setCurrentIndex(self.model.index(row))

    def _choose(self, row: int) -> None:
        entry = self.model.entry_at(row)
        if entry is not None:
            self._leave()
            self._recents.add(entry.key)
            entry.run()

    def _leave(self) -> None:
        before, self._focus_before = self._focus_before, None
        self.hide()
        if before is not None and before.isVisible():
            before.setFocus()

    def _on_text_changed(self, text: str) -> None:
        self.model.search(text)
        self._show_rows()

    def _on_clicked(self, index: QModelIndex) -> None:
        self._choose(index.row())

    def _show_rows(self) -> None:
        count = self.model.rowCount()
        self.list.setVisible(count > 0)
        self.nothing.setVisible(count == 0)
        if count:
            self.list.setCurrentIndex(self.model.index(0))
            self.list.setFixedHeight(self.list.sizeHintForRow(0) * min(count, _MAX_ROWS))
        width = min(_WIDTH, self._window.width() - SPACING * 4)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((self._window.width() - width) // 2, _TOP)

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Command palette"))
        self.field.setAccessibleName(self.tr("Letters of what you look for"))
        self.field.setPlaceholderText(self.tr("Find an action, a conversation, a model…"))
        self.list.setAccessibleName(self.tr("Found"))
        self.nothing.setText(self.tr("Nothing has these letters in this order."))
