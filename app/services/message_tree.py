"""Versions of messages, and what is done to single ones: show another, edit, delete, branch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from app.domain.conversations import Conversation, Message
from app.services.futures import FutureRelay
from app.services.notices import notice_of
from app.services.titles import clean_title
from app.store import Repository, Store
from app.store.tree import Removed


class Versions(Struct, frozen=True):
    """Of each message of a conversation that has other versions, all of them, oldest first."""

    conversation_id: int
    of_message: Mapping[int, tuple[int, ...]]


class Deleted(Struct, frozen=True):
    """Messages that were deleted; `MessageTreeService.restore` brings them back."""

    conversation_id: int
    count: int
    removed: Removed


class MessageTreeService(QObject):
    """Changes the message tree; the reader of a conversation opens it again after `changed`."""

    versions_read = Signal(object)
    """Versions"""
    changed = Signal(int)
    """Conversation id: other messages are shown now."""
    deleted = Signal(object)
    """Deleted"""
    branched = Signal(int)
    """Conversation id of the new conversation."""
    edit_failed = Signal(object, str)
    """Message, text: they were not stored."""
    failed = Signal(object)
    """Notice"""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)

    def read_versions(self, conversation_id: int) -> None:
        """Look which messages have other versions."""
        self._relay.watch(
            self._store.submit(lambda repository: repository.tree.versions(conversation_id)),
            partial(self._on_versions, conversation_id),
            self._on_failed,
        )

    def show(self, conversation_id: int, message_id: int) -> None:
        """Show another version of a message, with what was written last below it."""
        self._change(conversation_id, lambda repository: repository.tree.show(message_id))

    def edit_answer(self, message: Message, text: str) -> None:
        """Store an answer in other words, beside the one of the model."""
        self._relay.watch(
            self._store.submit(lambda repository: repository.tree.add_version(message.id, text)),
            partial(self._on_changed, message.conversation_id),
            partial(self._on_edit_failed, message, text),
        )

    def delete(self, message: Message) -> None:
        """Take a message out, a question with its answers."""
        self._relay.watch(
            self._store.submit(lambda repository: repository.tree.remove(message.id)),
            self._on_deleted,
            self._on_failed,
        )

    def restore(self, deleted: Deleted) -> None:
        """Put deleted messages back."""
        self._change(
            deleted.conversation_id, lambda repository: repository.tree.restore(deleted.removed)
        )

    def branch(self, message: Message, conversation: Conversation) -> None:
        """Begin another conversation with copies of the messages up to this one."""
        title = clean_title(self.tr("{title} (branch)").format(title=conversation.title))
        self._relay.watch(
            self._store.submit(lambda repository: repository.tree.branch(message.id, title)),
            self.branched.emit,
            self._on_failed,
        )

    def _change(self, conversation_id: int, change: Callable[[Repository], object]) -> None:
        self._relay.watch(
            self._store.submit(change), partial(self._on_changed, conversation_id), self._on_failed
        )

    def _on_versions(self, conversation_id: int, found: dict[int, tuple[int, ...]]) -> None:
        self.versions_read.emit(Versions(conversation_id, found))

    def _on_changed(self, conversation_id: int, _result: object) -> None:
        self.changed.emit(conversation_id)

    def _on_deleted(self, removed: Removed) -> None:
        self.changed.emit(removed.conversation_id)
        self.deleted.emit(Deleted(removed.conversation_id, removed.count, removed))

    def _on_edit_failed(self, message: Message, text: str, error: BaseException) -> None:
        self.edit_failed.emit(message, text)
        self._on_failed(error)

    def _on_failed(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))
