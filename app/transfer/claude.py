"""Conversations of Claude's `conversations.json`.

Known from real exports: a list of conversations, each with `chat_messages`, whose texts stand in
blocks under `content`. Newer exports name the parent of each message and the leaf on the screen;
older ones are plain chains.
Source: https://github.com/Sinity/polylogue/blob/07bb20f/docs/providers/claude-ai.md
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.domain.conversations import Role, Status
from app.domain.transfer import CarriedConversation, CarriedMessage
from app.transfer.fields import Unreadable, items, joined, mapping, moment, name, text
from app.transfer.tree import Node, grow, message

_ROOTS = ("00000000-0000-4000-8000-000000000000", "00000000-0000-0000-0000-000000000000")
"""The parents of first messages."""
_ROLES = {"human": Role.USER, "assistant": Role.ASSISTANT}
_STATUSES = {"max_tokens": Status.LENGTH, "user_canceled": Status.STOPPED}


def matches(entry: Mapping[str, object]) -> bool:
    """Whether this is one of Claude's conversations."""
    return "chat_messages" in entry


def read(entry: Mapping[str, object], now: datetime) -> tuple[CarriedConversation, tuple[str, ...]]:
    """The conversation, and what of it was left out.

    Raises:
        Unreadable: There are no messages in it.
    """
    said = entry["chat_messages"]
    if not isinstance(said, list):
        raise Unreadable("its `chat_messages` is no list")
    created = moment(entry.get("created_at")) or moment(entry.get("updated_at")) or now
    reader = _MessageReader(created, text(entry.get("model")))
    tree = grow(
        [reader.node(place, mapping(item)) for place, item in enumerate(said)],
        name(entry.get("current_leaf_message_uuid")),
    )
    conversation = CarriedConversation(
        text(entry.get("name")),
        created,
        moment(entry.get("updated_at")) or created,
        tuple(tree.messages),
        tree.current,
    )
    return conversation, (*tree.faults, *reader.faults())


class _MessageReader:
    def __init__(self, created: datetime, model: str) -> None:
        self._created = created
        self._model = model
        self._previous: str | None = None
        self._strange = 0
        self._tools = 0
        self._files = 0

    def node(self, place: int, said: Mapping[str, object]) -> Node:
        """One message of the list."""
        key = name(said.get("uuid")) or f"number {place + 1}"
        parent = self._previous
        if "parent_message_uuid" in said:
            named = name(said.get("parent_message_uuid"))
            parent = None if named in _ROOTS else named
        self._previous = key
        return Node(key, parent, self._message(said))

    def _message(self, said: Mapping[str, object]) -> CarriedMessage | None:
        role = _ROLES.get(text(said.get("sender")))
        if role is None:
            self._strange += 1
            return None
        blocks = [mapping(block) for block in items(said.get("content"))]
        self._tools += sum(block.get("type") == "tool_use" for block in blocks)
        self._files += len(items(said.get("files")))
        words = joined(text(block.get("text")) for block in blocks if block.get("type") == "text")
        thinking = joined(text(block.get("thinking")) for block in blocks)
        content = joined((*_attachments(said), words or text(said.get("text"))))
        if not content and not thinking:
            return None
        is_answer = role is Role.ASSISTANT
        status = _STATUSES.get(text(said.get("stop_reason")), Status.COMPLETE)
        return message(
            role,
            content,
            moment(said.get("created_at")) or self._created,
            thinking=thinking,
            model=self._model if is_answer else "",
            status=status if is_answer else Status.COMPLETE,
        )

    def faults(self) -> list[str]:
        """What was left out."""
        told = []
        if self._strange:
            told.append(f"messages that do not say who wrote them, left out: {self._strange}")
        if self._tools:
            told.append(f"calls of tools left out: {self._tools}")
        if self._files:
            told.append(f"files that are not in the export, left out: {self._files}")
        return told


def _attachments(said: Mapping[str, object]) -> list[str]:
    """Long pastes and files whose words the export holds, fenced under their names."""
    found = []
    for attachment in map(mapping, items(said.get("attachments"))):
        words = text(attachment.get("extracted_content"))
        if words:
            fence = "```"
            while fence in words:
                fence += "`"
            title = text(attachment.get("file_name")) or "attachment"
            found.append(f"{title}:\n{fence}\n{words}\n{fence}")
    return found
