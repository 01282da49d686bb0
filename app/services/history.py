"""What the model reads of a conversation, and which stored messages that is."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from app.domain.context import ConversationContext, StoredSummary, Unseen
from app.domain.conversations import Message, Role
from app.services.attached import model_text, pictures_of
from app.store import Repository
from inference.engine import ChatMessage, MessagesUnseen, Summary


class History(Struct, frozen=True):
    """The messages of a request; `ids` names the stored message that each of them ends with."""

    messages: tuple[ChatMessage, ...]
    ids: tuple[int, ...]

    def summary(self, context: ConversationContext) -> Summary | None:
        """The summary as a request carries it; None where it is of another branch."""
        stored = context.summary
        if stored is None or stored.until_id not in self.ids:
            return None
        return Summary(stored.text, self.ids.index(stored.until_id) + 1)

    def hidden(self, unseen: MessagesUnseen) -> Hidden:
        """What the engine said, in terms of stored messages."""
        summary = unseen.summary
        written = None
        if summary is not None and unseen.is_new:
            written = StoredSummary(summary.text, self.ids[summary.n_messages - 1])
        if unseen.last < unseen.first:
            return Hidden(None, written)
        return Hidden(Unseen(self.ids[unseen.last], summary is not None), written)


class Hidden(Struct, frozen=True):
    """What an answer is given without, and the summary that was written for it."""

    unseen: Unseen | None
    written: StoredSummary | None

    def record(self, repository: Repository, reply: Message) -> None:
        """Remember it."""
        with repository.transaction():
            repository.contexts.set_unseen(reply.id, self.unseen)
            if self.written is not None:
                repository.contexts.set_summary(reply.conversation_id, self.written)


NOT_STORED = 0
"""In place of an id: the system prompt is no message of the conversation."""


def history_of(path: Sequence[Message], *, continuing: bool, system_prompt: str = "") -> History:
    """What the model reads: thinking only of the answer that goes on, and no empty messages.

    Attached files stand before the words of their message.

    Questions in a row, the first of which was never answered, become one: many chat templates
    insist on turns that alternate.
    """
    history: list[ChatMessage] = []
    ids: list[int] = []
    if system_prompt.strip():
        history.append(ChatMessage(Role.SYSTEM.value, system_prompt.strip()))
        ids.append(NOT_STORED)
    for message in path:
        is_last = message is path[-1]
        thinking = message.thinking if continuing and is_last else ""
        content = model_text(message)
        pictures = pictures_of(message.attachments)
        if not content and not thinking and not pictures:
            continue
        if message.role is Role.USER and history and history[-1].role == Role.USER.value:
            asked = ChatMessage(Role.USER.value, content, pictures=pictures)
            history[-1] = joined(history[-1], asked)
            ids[-1] = message.id
            continue
        history.append(ChatMessage(message.role.value, content, thinking, pictures))
        ids.append(message.id)
    return History(tuple(history), tuple(ids))


def joined(first: ChatMessage, second: ChatMessage) -> ChatMessage:
    """Two questions in a row as one."""
    content = "\n\n".join(part for part in (first.content, second.content) if part)
    return replace(first, content=content, pictures=(*first.pictures, *second.pictures))
