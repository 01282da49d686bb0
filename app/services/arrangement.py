"""Arranges the list of conversations: pinned ones, folders, and the mark of what is unread."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.domain.conversations import Message, Status
from app.domain.folders import Folder, Placed
from app.services.chat import ChatService
from app.services.conversations import ConversationService, OpenedConversation
from app.services.futures import FutureRelay
from app.services.notices import notice_of
from app.services.titles import clean_title
from app.store import Repository, Store


class ArrangementService(QObject):
    """Every change is followed by `listed`, and by the list of conversations."""

    listed = Signal(object)
    """tuple[Folder, ...] by name."""
    created = Signal(object)
    """Folder: it is in the list now."""
    failed = Signal(object)
    """Notice"""

    def __init__(
        self, store: Store, conversations: ConversationService, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._conversations = conversations
        self._relay = FutureRelay(self)

    def reload(self) -> None:
        """Read folders and conversations again, in this order."""
        future = self._store.submit(lambda repository: repository.arrangement.folders())
        self._relay.watch(future, self._on_listed, self._on_error)
        self._conversations.reload()

    def place(self, placed: Placed) -> None:
        """Put a conversation somewhere else."""
        self._change(lambda repository: repository.arrangement.place(placed))

    def create_folder(self, name: str, conversation_id: int | None = None) -> None:
        """Make a folder, with this conversation in it."""

        def create(repository: Repository) -> Folder:
            with repository.transaction():
                folder = repository.arrangement.create_folder(name)
                if conversation_id is not None:
                    placed = Placed(conversation_id, folder.id, pinned=False)
                    repository.arrangement.place(placed)
            return folder

        self._relay.watch(self._store.submit(create), self._on_created, self._on_error)

    def rename_folder(self, folder_id: int, name: str) -> None:
        """Give a folder another name; an empty one changes nothing."""
        cleaned = clean_title(name)
        if cleaned:
            self._change(
                lambda repository: repository.arrangement.rename_folder(folder_id, cleaned)
            )

    def collapse_folder(self, folder_id: int, collapsed: bool) -> None:
        """Show what is in a folder, or hide it."""
        self._change(
            lambda repository: repository.arrangement.collapse_folder(folder_id, collapsed)
        )

    def remove_folder(self, folder_id: int) -> None:
        """Take a folder away; its conversations stay."""
        self._change(lambda repository: repository.arrangement.remove_folder(folder_id))

    def _change(self, change: Callable[[Repository], None]) -> None:
        self._relay.watch(self._store.submit(change), self._on_changed, self._on_error)

    def _on_changed(self, _done: None) -> None:
        self.reload()

    def _on_created(self, folder: Folder) -> None:
        future = self._store.submit(lambda repository: repository.arrangement.folders())
        self._relay.watch(future, partial(self._on_created_listed, folder), self._on_error)
        self._conversations.reload()

    def _on_created_listed(self, folder: Folder, folders: list[Folder]) -> None:
        self._on_listed(folders)
        self.created.emit(folder)

    def _on_listed(self, folders: list[Folder]) -> None:
        self.listed.emit(tuple(folders))

    def _on_error(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))


class UnreadMarks(QObject):
    """Marks conversations whose answer ended while another one was on the screen.

    Args:
        on_screen: The conversation that can be read at the moment.
    """

    def __init__(
        self,
        store: Store,
        chat: ChatService,
        conversations: ConversationService,
        on_screen: Callable[[], int | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._conversations = conversations
        self._on_screen = on_screen
        self._relay = FutureRelay(self)
        chat.message_changed.connect(self._on_message_changed)
        conversations.opened.connect(self._on_opened)

    def _on_message_changed(self, message: Message) -> None:
        ended = message.status is not Status.STREAMING
        if ended and message.conversation_id != self._on_screen():
            self._set(message.conversation_id, unread=True)

    def _on_opened(self, opened: OpenedConversation) -> None:
        if opened.conversation_id == self._on_screen():
            self._set(opened.conversation_id, unread=False)

    def _set(self, conversation_id: int, *, unread: bool) -> None:
        future = self._store.submit(
            lambda repository: repository.arrangement.set_unread(conversation_id, unread)
        )
        self._relay.watch(future, self._on_set, self._on_error)

    def _on_set(self, is_news: bool) -> None:
        if is_news:
            self._conversations.reload()

    def _on_error(self, error: BaseException) -> None:
        self._conversations.failed.emit(notice_of(error))
