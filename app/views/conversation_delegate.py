"""How the rows of the list of conversations look."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.item_models.conversation_list import ConversationListModel
from app.item_models.conversation_rows import FolderRow
from app.views.icons import icon
from app.views.row_ground import paint_row_ground
from app.views.theme import SCALE_SMALL, SPACING, Theme, scaled

_Index = QModelIndex | QPersistentModelIndex
_DOT = 6
_ICON = 16
_INDENT = _ICON + SPACING


class ConversationDelegate(QStyledItemDelegate):
    """Draws headings, folders and conversations; titles are renamed in place."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """One height for all rows."""
        return QSize(100, option.fontMetrics.lineSpacing() + SPACING * 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw a row."""
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        folder = index.data(ConversationListModel.FOLDER_ROLE)
        if folder is not None or index.data(ConversationListModel.CONVERSATION_ROLE) is not None:
            self._paint_row(painter, rect, font, state, index, folder)
        else:
            self._paint_heading(painter, rect, font, str(index.data()))
        painter.restore()

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """A list that is read again does not overwrite what is being typed."""
        if not (isinstance(editor, QLineEdit) and editor.isModified()):
            super().setEditorData(editor, index)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: _Index
    ) -> None:
        """The editor covers the row."""
        rect: QRect = option.rect
        editor.setGeometry(_inner(rect))

    def _paint_heading(self, painter: QPainter, rect: QRect, font: QFont, text: str) -> None:
        small = scaled(font, SCALE_SMALL)
        small.setWeight(QFont.Weight.DemiBold)
        painter.setFont(small)
        painter.setPen(self.theme.color("muted"))
        words = _inner(rect).adjusted(SPACING, 0, -SPACING, -SPACING // 4)
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def _paint_row(
        self,
        painter: QPainter,
        rect: QRect,
        font: QFont,
        state: QStyle.StateFlag,
        index: _Index,
        folder: FolderRow | None,
    ) -> None:
        box = _inner(rect)
        paint_row_ground(painter, box, self.theme, state)
        words = box.adjusted(SPACING, 0, -SPACING, 0)
        busy = bool(index.data(ConversationListModel.BUSY_ROLE))
        unread = bool(index.data(ConversationListModel.UNREAD_ROLE))
        if busy or unread:
            words.setRight(words.right() - _DOT - SPACING)
            self._paint_dot(painter, box, hollow=busy)
        if folder is not None:
            self._paint_folder_icon(painter, words, folder)
        if folder is not None or index.data(ConversationListModel.INDENTED_ROLE):
            words.setLeft(words.left() + _INDENT)
        if unread:
            font = QFont(font)
            font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self.theme.color("text"))
        title = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)

    def _paint_folder_icon(self, painter: QPainter, words: QRect, row: FolderRow) -> None:
        """A folder; an open one has its edge in the accent."""
        color = self.theme.muted if row.folder.collapsed else self.theme.accent
        place = QRect(words.left(), words.center().y() - _ICON // 2 + 1, _ICON, _ICON)
        icon("folder", color).paint(painter, place)

    def _paint_dot(self, painter: QPainter, box: QRect, *, hollow: bool) -> None:
        """A ring for an answer on its way, a dot for one to be read."""
        accent = self.theme.color("accent")
        painter.setPen(QPen(accent, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else accent)
        top = box.center().y() - _DOT // 2 + 1
        painter.drawEllipse(box.right() - SPACING - _DOT, top, _DOT, _DOT)


def _inner(rect: QRect) -> QRect:
    return rect.adjusted(SPACING, 1, -SPACING, -1)
