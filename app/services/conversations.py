"""The conversations of this computer: list, open, rename, delete and undo.

A conversation is created by its first message, which `ChatService` stores together with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from app.domain.context import ConversationContext
from app.domain.conversations import Conversation, Message
from app.services.futures import FutureRelay
from app.services.notices import notice_of
from app.services.titles import clean_title
from app.store import Repository, Store
from inference.engine import ContextPolicy


class OpenedConversation(Struct, frozen=True):
    """The messages of a conversation, from its start to its current leaf."""

    request_id: int
    conversation_id: int
    messages: tuple[Message, ...]


class ContextRead(Struct, frozen=True):
    """What a conversation remembers about its context."""

    request_id: int
    conversation_id: int
    context: ConversationContext


class ConversationService(QObject):
    """Works on the list; every change is followed by `listed`."""

    listed = Signal(object)
    """tuple[Conversation, ...], the newest first."""
    opened = Signal(object)
    """OpenedConversation"""
    deleted = Signal(object)
    """Conversation, which `restore` brings back."""
    context_read = Signal(object)
    """ContextRead"""
    failed = Signal(object)
    """Notice"""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)
        self._request_id = 0

    def reload(self) -> None:
        """Read the list again."""
        self._relay.watch(
            self._store.submit(Repository.conversations), self._on_listed, self._on_read_error
        )

    def open(self, conversation_id: int) -> int:
        """Read a conversation; the number comes back with `opened`, to tell late answers apart."""
        self._request_id += 1
        self._relay.watch(
            self._store.submit(lambda repository: repository.messages(conversation_id)),
            partial(self._on_opened, self._request_id, conversation_id),
            self._on_read_error,
        )
        return self._request_id

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        cleaned = clean_title(title)
        if not cleaned:
            return
        future = self._store.submit(
            lambda repository: repository.rename_conversation(conversation_id, cleaned)
        )
        self._relay.watch(future, self._on_changed, self._on_error)

    def delete(self, conversation: Conversation) -> None:
        """Move a conversation to the bin."""
        future = self._store.submit(
            lambda repository: repository.delete_conversation(conversation.id)
        )
        self._relay.watch(future, partial(self._on_deleted, conversation), self._on_error)

    def restore(self, conversation_id: int) -> None:
        """Take a conversation out of the bin."""
        future = self._store.submit(
            lambda repository: repository.restore_conversation(conversation_id)
        )
        self._relay.watch(future, self._on_changed, self._on_error)

    def read_context(self, conversation_id: int) -> int:
        """Read policy and summary; the number comes back with `context_read`."""
        self._request_id += 1
        self._relay.watch(
            self._store.submit(lambda repository: repository.contexts.get(conversation_id)),
            partial(self._on_context_read, self._request_id, conversation_id),
            self._on_read_error,
        )
        return self._request_id

    def set_context_policy(self, conversation_id: int, policy: ContextPolicy) -> None:
        """Choose what happens when the context is full."""
        self._change_context(
            lambda repository: repository.contexts.set_policy(conversation_id, policy)
        )

    def edit_summary(self, conversation_id: int, text: str) -> None:
        """Let the model read other words in place of the oldest messages."""
        self._change_context(
            lambda repository: repository.contexts.edit_summary(conversation_id, text)
        )

    def remove_summary(self, conversation_id: int) -> None:
        """Undo the summary; see `Contexts.remove_summary`."""
        self._change_context(lambda repository: repository.contexts.remove_summary(conversation_id))

    def _change_context(self, change: Callable[[Repository], None]) -> None:
        self._relay.watch(self._store.submit(change), self._on_context_changed, self._on_read_error)

    def _on_context_changed(self, _done: None) -> None:
        """Nothing to tell: it holds from the next answer on."""

    def _on_context_read(
        self, request_id: int, conversation_id: int, context: ConversationContext
    ) -> None:
        self.context_read.emit(ContextRead(request_id, conversation_id, context))

    def _on_listed(self, conversations: list[Conversation]) -> None:
        self.listed.emit(tuple(conversations))

    def _on_opened(self, request_id: int, conversation_id: int, messages: list[Message]) -> None:
        self.opened.emit(OpenedConversation(request_id, conversation_id, tuple(messages)))

    def _on_deleted(self, conversation: Conversation, _done: None) -> None:
        self.deleted.emit(conversation)
        self.reload()

    def _on_changed(self, _done: None) -> None:
        self.reload()

    def _on_read_error(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))

    def _on_error(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))
        self.reload()
