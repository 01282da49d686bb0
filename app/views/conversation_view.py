"""The list of conversations: keys, dragging, and the context menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from app.domain.conversations import Conversation
from app.item_models.conversation_list import ConversationListModel
from app.views.conversation_delegate import ConversationDelegate
from app.views.language import follow_language
from app.views.own_viewport import give_viewport
from app.views.theme import RADIUS, SPACING, Theme

_DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_TURN = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_CLOSE_OPEN = (Qt.Key.Key_Left, Qt.Key.Key_Right)


class ConversationView(QListView):
    """Conversations to open, rename, arrange and delete."""

    opened = Signal(object)
    """Conversation"""
    delete_requested = Signal(object)
    """Conversation"""
    placed = Signal(object)
    """Placed: where the reader wants a conversation to stand."""
    folder_wanted = Signal(object)
    """Conversation, for which a new folder is to be made."""
    folder_removed = Signal(int)
    """The id of the folder."""
    folder_collapsed = Signal(int, bool)
    """The id of the folder, and whether it is to hide its conversations."""

    def __init__(
        self, model: ConversationListModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        give_viewport(self)
        self._theme = theme
        self._conversations = model
        self._delegate = ConversationDelegate(theme, self)
        self._showing = False
        self._drop_row = QPersistentModelIndex()
        self.setObjectName("conversationList")
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDragDropOverwriteMode(True)
        # Qt's is a black frame across the list.
        self.setDropIndicatorShown(False)
        self.clicked.connect(self._on_clicked)
        model.placed.connect(self.placed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_requested)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        follow_language(self, self._say)

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

    def _say(self) -> None:
        self.setAccessibleName(self.tr("Conversations"))

    def _select(self, conversation_id: int | None) -> None:
        on_folder = self._conversations.folder_at(self.currentIndex()) is not None
        at_work = self.hasFocus() or self.state() == self.State.EditingState
        if on_folder and at_work:
            # Whoever is on a folder by keyboard, or types its name, stays there.
            return
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
        """Edit the title of the selected conversation or folder in place."""
        if self.currentIndex().isValid():
            self.setFocus()
            self.edit(self.currentIndex())

    def rename_folder(self, folder_id: int) -> None:
        """Edit the name of a folder in place."""
        row = self._conversations.row_of_folder(folder_id)
        if row >= 0:
            self.setCurrentIndex(self._conversations.index(row))
            self.rename_current()

    def delete_current(self) -> None:
        """Ask for the selected conversation to be deleted."""
        conversation = self.current()
        if conversation is not None:
            self.delete_requested.emit(conversation)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Del deletes; on folders Enter and Space turn, Left and Right close and open them."""
        folder = self._conversations.folder_at(self.currentIndex())
        key = event.key()
        if self.state() == self.State.EditingState:
            # What the editor of a title leaves over, such as Enter.
            super().keyPressEvent(event)
        elif folder is None:
            if key in _DELETE:
                self.delete_current()
            else:
                super().keyPressEvent(event)
        elif key in _DELETE:
            self.folder_removed.emit(folder.id)
        elif key in _TURN:
            self.folder_collapsed.emit(folder.id, not folder.collapsed)
        elif key in _CLOSE_OPEN:
            self.folder_collapsed.emit(folder.id, key == Qt.Key.Key_Left)
        else:
            super().keyPressEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Let the row hang below the pointer, so that it does not hide where it would land."""
        index = self.currentIndex()
        drag = QDrag(self)
        drag.setMimeData(self._conversations.mimeData([index]))
        drag.setPixmap(self.viewport().grab(self.visualRect(index)))
        drag.setHotSpot(QPoint(-SPACING, -SPACING))
        drag.exec(actions, Qt.DropAction.MoveAction)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Mark the row that would take what is dragged."""
        super().dragMoveEvent(event)
        where = event.position().toPoint()
        self._mark_drop(self.indexAt(where) if event.isAccepted() else QModelIndex())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It goes elsewhere."""
        super().dragLeaveEvent(event)
        self._mark_drop(QModelIndex())

    def dropEvent(self, event: QDropEvent) -> None:
        """It has landed."""
        self._mark_drop(QModelIndex())
        super().dropEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, and the mark."""
        super().paintEvent(event)
        if self._drop_row.isValid():
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.color("accent"), 2))
            box = self.visualRect(self._drop_row).adjusted(SPACING, 1, -SPACING, -1)
            painter.drawRoundedRect(box, RADIUS, RADIUS)
            painter.end()

    def _mark_drop(self, index: QModelIndex) -> None:
        self._drop_row = QPersistentModelIndex(index)
        self.viewport().update()

    def _on_clicked(self, index: QModelIndex) -> None:
        folder = self._conversations.folder_at(index)
        if folder is not None:
            self.folder_collapsed.emit(folder.id, not folder.collapsed)

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        conversation = self._conversations.conversation_at(current)
        if conversation is not None and not self._showing:
            self.opened.emit(conversation)

    def _on_menu_requested(self, place: QPoint) -> None:
        from app.views.conversation_menu import conversation_menu, folder_menu

        index = self.indexAt(place)
        folder = self._conversations.folder_at(index)
        if folder is not None:
            self.setCurrentIndex(index)
            menu = folder_menu(self, folder, self._theme)
        else:
            conversation = self._conversations.conversation_at(index)
            if conversation is None:
                return
            self.setCurrentIndex(index)
            folders = self._conversations.folders
            menu = conversation_menu(self, conversation, folders, self._theme)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(place))
