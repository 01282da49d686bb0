"""The messages on a page: read from the store, and kept up with what the chat service tells."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.domain.conversations import Message, Role
from app.item_models.transcript import TranscriptModel
from app.services.chat import ChatService
from app.services.chat_events import ReplyChunk
from app.services.conversations import ConversationService, OpenedConversation
from app.views.transcript import TranscriptView


class ShownPath(QObject):
    """One path through a conversation's tree of messages.

    Args:
        transcript: Shows them.
        chat: Tells of answers.
        conversations: Reads conversations.
        is_sending: Whether a question is on its way to the store: then what is read is older.
        parent: Owns it.
    """

    read = Signal(int)
    """Conversation id: its messages are on the page."""
    changed = Signal(int)
    """Conversation id: other messages of it are shown than before."""
    refreshed = Signal()
    """The last message may be another one, or have another state."""

    def __init__(
        self,
        transcript: TranscriptView,
        chat: ChatService,
        conversations: ConversationService,
        is_sending: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.messages = TranscriptModel(parent)
        self._transcript = transcript
        self._chat = chat
        self._conversations = conversations
        self._is_sending = is_sending
        self._conversation_id: int | None = None
        self._opening = 0
        self._reading_again = 0
        self._changed_row: int | None = None
        transcript.setModel(self.messages)
        conversations.opened.connect(self._on_opened)
        chat.message_added.connect(self._on_message_added)
        chat.message_changed.connect(self._on_message_changed)
        chat.message_removed.connect(self._on_message_removed)
        chat.reply_grew.connect(self._on_reply_grew)

    @property
    def conversation_id(self) -> int | None:
        """The conversation; None before there is one."""
        return self._conversation_id

    def last(self) -> Message | None:
        """The last message."""
        count = self.messages.rowCount()
        return self.messages.message_at(count - 1) if count else None

    def newest(self, role: Role) -> Message | None:
        """The newest message of a question's or an answer's kind."""
        rows = range(self.messages.rowCount())
        messages = (self.messages.message_at(row) for row in reversed(rows))
        return next((message for message in messages if message.role is role), None)

    def before(self, message: Message | None) -> tuple[Message, ...]:
        """The messages above one; all where it is None or not there."""
        row = self.messages.row_of(message.id) if message is not None else None
        count = self.messages.rowCount() if row is None else row
        return tuple(self.messages.message_at(row) for row in range(count))

    def show(self, conversation_id: int | None) -> None:
        """Read a conversation; None: there is none yet."""
        self._conversation_id = conversation_id
        self.messages.reset(())
        self._opening = self._conversations.open(conversation_id) if conversation_id else 0

    def begin(self, conversation_id: int) -> None:
        """The conversation that did not exist yet exists now."""
        self._conversation_id = conversation_id

    def read_again(self) -> None:
        """Show what another program, such as a terminal, has added to the conversation."""
        conversation_id = self._conversation_id
        if conversation_id is not None and not self._is_sending() and not self._opening:
            self._reading_again = self._conversations.open(conversation_id)

    def show_again(self, conversation_id: int, changed_row: int | None = None) -> None:
        """Read the conversation anew, if it is this one: other messages of it are to be shown.

        Args:
            conversation_id: The one that has changed.
            changed_row: This row stays where it is seen.
        """
        if conversation_id != self._conversation_id:
            return
        opening = self._conversations.open(conversation_id)
        if self._opening:
            # What is being read is older than the change.
            self._opening = opening
        else:
            self._changed_row, self._reading_again = changed_row, opening

    def add(self, message: Message) -> None:
        """Show a new message behind its parent."""
        if self.messages.row_of(message.id) is None:
            # What stood behind its parent is another version now.
            parent = self.messages.row_of(message.parent_id) if message.parent_id else -1
            if parent is not None:
                self.messages.truncate(parent + 1)
            self.messages.append(message)
            self.refreshed.emit()
            self.changed.emit(message.conversation_id)

    def _on_opened(self, opened: OpenedConversation) -> None:
        if opened.request_id == self._reading_again:
            self._take_news(opened)
            return
        if opened.request_id != self._opening:
            return
        self._opening = 0
        self.messages.reset(opened.messages)
        live = self._chat.live_reply(opened.conversation_id)
        if live is not None:
            # The store is behind what has been shown already.
            if self.messages.row_of(live.id) is None:
                self.messages.append(live)
            else:
                self.messages.replace(live)
        self._transcript.scroll_to_end()
        self.refreshed.emit()
        self.read.emit(opened.conversation_id)
        self.changed.emit(opened.conversation_id)

    def _take_news(self, opened: OpenedConversation) -> None:
        row, self._changed_row = self._changed_row, None
        if opened.conversation_id != self._conversation_id or self._is_sending():
            return
        if self._chat.is_busy(opened.conversation_id):
            return
        at_end = self._transcript.is_at_end() and row is None
        if row is None:
            self.messages.become(opened.messages)
        else:
            become = partial(self.messages.become, opened.messages)
            self._transcript.scrolling.hold_row(row, become)
        if at_end:
            self._transcript.scroll_to_end()
        self.refreshed.emit()
        self.changed.emit(opened.conversation_id)

    def _on_message_added(self, message: Message) -> None:
        if message.conversation_id == self._conversation_id:
            self.add(message)

    def _on_message_changed(self, message: Message) -> None:
        self.messages.replace(message)
        self.refreshed.emit()

    def _on_message_removed(self, message: Message) -> None:
        self.messages.remove(message.id)
        # Another version of it may be there.
        self.show_again(message.conversation_id)
        self.refreshed.emit()

    def _on_reply_grew(self, chunk: ReplyChunk) -> None:
        self.messages.append_delta(chunk.message_id, chunk.text, chunk.thinking)
