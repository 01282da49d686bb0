"""The list of conversations: drawing, keys and the context menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.domain.conversations import Conversation
from app.item_models.conversation_list import ConversationListModel
from app.views.icons import icon
from app.views.theme import RADIUS, SCALE_SMALL, SPACING, Theme, scaled

_Index = QModelIndex | QPersistentModelIndex
_DOT = 6


class ConversationDelegate(QStyledItemDelegate):
    """Draws headings and conversations; the title is renamed in place."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """One height for all rows."""
        return QSize(100, option.fontMetrics.lineSpacing() + SPACING * 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw a heading or a conversation."""
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(ConversationListModel.CONVERSATION_ROLE) is None:
            self._paint_heading(painter, rect, font, str(index.data()))
        else:
            self._paint_conversation(painter, rect, font, state, index)
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

    def _paint_conversation(
        self, painter: QPainter, rect: QRect, font: QFont, state: QStyle.StateFlag, index: _Index
    ) -> None:
        box = _inner(rect)
        ground = self._ground(state)
        if ground is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        if (
            state & QStyle.StateFlag.State_HasFocus
            and state & QStyle.StateFlag.State_KeyboardFocusChange
        ):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self.theme.color("accent"))
            painter.drawRoundedRect(box, RADIUS, RADIUS)
        words = box.adjusted(SPACING, 0, -SPACING, 0)
        if index.data(ConversationListModel.BUSY_ROLE):
            words.setRight(words.right() - _DOT - SPACING)
            self._paint_dot(painter, box)
        painter.setFont(font)
        painter.setPen(self.theme.color("text"))
        title = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)

    def _paint_dot(self, painter: QPainter, box: QRect) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("accent"))
        top = box.center().y() - _DOT // 2 + 1
        painter.drawEllipse(box.right() - SPACING - _DOT, top, _DOT, _DOT)

    def _ground(self, state: QStyle.StateFlag) -> QColor | None:
        hover = self.theme.color("hover")
        if state & QStyle.StateFlag.State_Selected:
            return hover
        if state & QStyle.StateFlag.State_MouseOver:
            hover.setAlphaF(0.55)
            return hover
        return None


class ConversationView(QListView):
    """Conversations to open, rename and delete."""

    opened = Signal(object)
    """Conversation"""
    delete_requested = Signal(object)
    """Conversation"""

    def __init__(
        self, model: ConversationListModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._conversations = model
        self._delegate = ConversationDelegate(theme, self)
        self._showing = False
        self.setObjectName("conversationList")
        self.setAccessibleName("Conversations")
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_requested)
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = self._delegate.theme = theme
        self.viewport().update()

    def current(self) -> Conversation | None:
        """The conversation that is selected."""
        return self._conversations.conversation_at(self.currentIndex())

    def show_conversations(
        self, conversations: Sequence[Conversation], current_id: int | None
    ) -> None:
        """Show these and select one of them, without opening any."""
        self._showing = True
        try:
            # Where the selected row goes away, Qt selects its neighbour: nobody asked for that.
            self._conversations.set_conversations(conversations)
            self._select(current_id)
        finally:
            self._showing = False

    def show_current(self, conversation_id: int | None) -> None:
        """Select a conversation, or none, without opening it."""
        self._showing = True
        try:
            self._select(conversation_id)
        finally:
            self._showing = False

    def _select(self, conversation_id: int | None) -> None:
        row = -1 if conversation_id is None else self._conversations.row_of(conversation_id)
        if row < 0:
            self.setCurrentIndex(QModelIndex())
            self.clearSelection()
        elif row != self.currentIndex().row():
            self.setCurrentIndex(self._conversations.index(row))

    def step(self, by: int) -> None:
        """Open the next conversation in a direction, past headings."""
        row = self.currentIndex().row()
        rows = self._conversations.rowCount()
        row = row + by if row >= 0 else (0 if by > 0 else rows - 1)
        while 0 <= row < rows:
            if self._conversations.conversation_at(self._conversations.index(row)):
                self.setCurrentIndex(self._conversations.index(row))
                return
            row += by

    def rename_current(self) -> None:
        """Edit the title of the selected conversation in place."""
        if self.current() is not None:
            self.setFocus()
            self.edit(self.currentIndex())

    def delete_current(self) -> None:
        """Ask for the selected conversation to be deleted."""
        conversation = self.current()
        if conversation is not None:
            self.delete_requested.emit(conversation)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del deletes."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_current()
        else:
            super().keyPressEvent(event)

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        conversation = self._conversations.conversation_at(current)
        if conversation is not None and not self._showing:
            self.opened.emit(conversation)

    def _on_menu_requested(self, place: QPoint) -> None:
        index = self.indexAt(place)
        if self._conversations.conversation_at(index) is None:
            return
        self.setCurrentIndex(index)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        muted = self._theme.muted
        rename = menu.addAction(icon("rename", muted), "Rename\tF2")
        rename.triggered.connect(self.rename_current)
        delete = menu.addAction(icon("trash", muted), "Delete\tDel")
        delete.triggered.connect(self.delete_current)
        menu.popup(self.viewport().mapToGlobal(place))


def _inner(rect: QRect) -> QRect:
    return rect.adjusted(SPACING, 1, -SPACING, -1)
