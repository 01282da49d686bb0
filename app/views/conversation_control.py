"""Binds the list of conversations and the page to each other and to the services."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from app.domain.conversations import Conversation, Message
from app.item_models.conversation_list import Renamed
from app.services.chat import ChatService
from app.services.chat_events import Activity, Phase
from app.services.conversations import ConversationService
from app.services.message_tree import MessageTreeService
from app.views.chat_page import ChatPage
from app.views.sidebar import Sidebar


class ConversationControl(QObject):
    """Keeps the same conversation chosen in the list and open on the page.

    Args:
        sidebar: Has the list.
        page: Shows the chosen one.
        conversations: Lists, renames and deletes them.
        chat: Tells which ones are being answered.
        tree: Makes one of a part of another.
        parent: Owns it.
    """

    shown = Signal(object)
    """Conversation on the page; None: the empty one."""
    list_wanted = Signal()
    """Something is to be done in the list, which is not in sight."""

    def __init__(
        self,
        sidebar: Sidebar,
        page: ChatPage,
        conversations: ConversationService,
        chat: ChatService,
        tree: MessageTreeService,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._sidebar = sidebar
        self._list = sidebar.list
        self._rows = sidebar.model
        self._page = page
        self._conversations = conversations
        self._chat = chat
        self._tree = tree
        self._renaming: int | None = None
        self._list.opened.connect(self._on_opened)
        self._list.delete_requested.connect(self._on_delete_requested)
        sidebar.undone.connect(self._on_undone)
        self._rows.renamed.connect(self._on_renamed)
        # Later: while rows are inserted, nothing in the list can be chosen.
        queued = Qt.ConnectionType.QueuedConnection
        self._rows.rowsInserted.connect(self._on_rows_inserted, queued)
        page.conversation_changed.connect(self._on_changed)
        conversations.listed.connect(self._on_listed)
        conversations.deleted.connect(self._on_deleted)
        tree.branched.connect(self._on_branched)
        chat.activity_changed.connect(self._on_activity_changed)

    @property
    def current(self) -> Conversation | None:
        """The conversation on the page, which a collapsed folder may hide in the list."""
        return self._rows.conversation(self._page.conversation_id)

    def begin(self) -> None:
        """An empty page, ready for a question."""
        self._list.show_current(None)
        if self._page.conversation_id is not None:
            self._page.show_conversation(None)
        self.shown.emit(None)
        self._page.composer.setFocus()

    def open(self, conversation: Conversation) -> None:
        """Open a conversation of the list, and let a question be typed."""
        self._list.show_current(conversation.id)
        self._on_opened(conversation)
        self._page.composer.setFocus()

    def lead_to(self, conversation_id: int) -> None:
        """Open a conversation to show something in it."""
        self._list.show_current(conversation_id)
        if conversation_id != self._page.conversation_id:
            self._page.show_conversation(conversation_id)
        self.shown.emit(self._rows.conversation(conversation_id))

    def next(self) -> None:
        """Open the one below in the list."""
        self._list.step(1)

    def previous(self) -> None:
        """Open the one above in the list."""
        self._list.step(-1)

    def show_again(self, conversation_id: int) -> None:
        """Another answer of this conversation is its last one now."""
        if conversation_id == self._page.conversation_id:
            self._page.show_conversation(conversation_id)

    def reload(self) -> None:
        """Read the list again: it has changed in the store."""
        self._conversations.reload()

    def branch(self, message: Message) -> None:
        """Make a conversation of the chosen one that ends with this message."""
        if self.current is not None:
            self._tree.branch(message, self.current)

    def rename(self) -> None:
        """Edit a title in the list: of the row the keyboard is at, or of what is on the page."""
        if self._list.hasFocus() and self._list.currentIndex().isValid():
            self._list.rename_current()
            return
        conversation = self.current
        if conversation is None:
            return
        if not self._list.isVisible():
            self.list_wanted.emit()
        self._list.show_current(conversation.id)
        if self._list.current() is not None:
            self._list.rename_current()
        elif conversation.folder_id is not None:
            self._renaming = conversation.id
            self._list.folder_collapsed.emit(conversation.folder_id, False)

    def delete(self) -> None:
        """Delete the conversation on the page."""
        if self.current is not None:
            if not self._sidebar.isVisible():
                # There is the way back.
                self.list_wanted.emit()
            self._on_delete_requested(self.current)

    def _on_opened(self, conversation: Conversation) -> None:
        self._renaming = None
        if conversation.id != self._page.conversation_id:
            self._page.show_conversation(conversation.id)
        self.shown.emit(conversation)

    def _on_delete_requested(self, conversation: Conversation) -> None:
        self._chat.stop(conversation.id)
        self._conversations.delete(conversation)

    def _on_undone(self, conversation: Conversation) -> None:
        self._conversations.restore(conversation.id)
        self._page.show_conversation(conversation.id)

    def _on_rows_inserted(self, _parent: QModelIndex, _first: int, _last: int) -> None:
        """A folder may have opened that hid the conversation on the page."""
        if not self._list.currentIndex().isValid():
            self._list.show_current(self._page.conversation_id)
        current = self._list.current()
        if current is not None and current.id == self._renaming:
            self._renaming = None
            self._list.rename_current()

    def _on_renamed(self, renamed: Renamed) -> None:
        self._conversations.rename(renamed.conversation_id, renamed.title)

    def _on_listed(self, conversations: tuple[Conversation, ...]) -> None:
        self._list.show_conversations(conversations, self._page.conversation_id)
        self.shown.emit(self._rows.conversation(self._page.conversation_id))

    def _on_deleted(self, conversation: Conversation) -> None:
        self._sidebar.undo.offer(conversation)
        if conversation.id == self._page.conversation_id:
            self.begin()

    def _on_changed(self, _conversation_id: int) -> None:
        self._conversations.reload()

    def _on_activity_changed(self, activity: Activity) -> None:
        busy = activity.phase is not Phase.IDLE
        self._rows.set_busy(activity.conversation_id, busy)
        if not busy or activity.phase is Phase.WAITING:
            # Its place in the list may have changed with the message.
            self._conversations.reload()

    def _on_branched(self, conversation_id: int) -> None:
        self._page.show_conversation(conversation_id)
        self._conversations.reload()
