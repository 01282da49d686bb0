"""Conversations of ChatGPT's `conversations.json`.

OpenAI publishes no description. Known from real exports: a list of conversations, each with its
tree in `mapping` (node id to `parent` and `message`) and the leaf on the screen in `current_node`.
Source: https://github.com/mitkury/chatgpt-export-parser/blob/08e6ae5/docs/chatgpt-data-export-format.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from app.domain.conversations import Role, Status
from app.domain.transfer import CarriedConversation, CarriedMessage
from app.transfer.fields import Unreadable, items, joined, mapping, moment, name, text
from app.transfer.tree import Node, grow, message

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}
_CITATIONS = re.compile("\ue200[^\ue200\ue201]*\ue201")
"""Marks that lead to sources which the export does not name; without fonts of their own, noise."""
_STATUSES = {"max_tokens": Status.LENGTH, "interrupted": Status.STOPPED}


def matches(entry: Mapping[str, object]) -> bool:
    """Whether this is one of ChatGPT's conversations."""
    return "mapping" in entry


def read(entry: Mapping[str, object], now: datetime) -> tuple[CarriedConversation, tuple[str, ...]]:
    """The conversation, and what of it was left out.

    Raises:
        Unreadable: There is no tree in it.
    """
    nodes = entry["mapping"]
    if not isinstance(nodes, dict):
        raise Unreadable("its `mapping` is no object, so there are no messages")
    created = moment(entry.get("create_time")) or moment(entry.get("update_time")) or now
    reader = _NodeReader(created)
    tree = grow(
        [reader.node(key, mapping(node)) for key, node in nodes.items()],
        name(entry.get("current_node")),
    )
    conversation = CarriedConversation(
        text(entry.get("title")),
        created,
        moment(entry.get("update_time")) or created,
        tuple(tree.messages),
        tree.current,
    )
    return conversation, (*tree.faults, *reader.faults())


class _NodeReader:
    def __init__(self, created: datetime) -> None:
        self._created = created
        self._tools = 0
        self._pictures = 0

    def node(self, key: str, node: Mapping[str, object]) -> Node:
        """One node of the mapping."""
        parent = name(node.get("parent"))
        said = mapping(node.get("message"))
        content = mapping(said.get("content"))
        role = text(mapping(said.get("author")).get("role"))
        metadata = mapping(said.get("metadata"))
        if content.get("content_type") == "thoughts":
            return Node(key, parent, thinking=_thoughts(content))
        if role == "tool":
            self._tools += 1
        hidden = metadata.get("is_visually_hidden_from_conversation") is True
        if role not in _ROLES or hidden:
            return Node(key, parent)
        return Node(key, parent, self._message(said, content, _ROLES[role]))

    def _message(
        self, said: Mapping[str, object], content: Mapping[str, object], role: Role
    ) -> CarriedMessage | None:
        metadata = mapping(said.get("metadata"))
        words = self._words(content)
        if not words:
            return None
        ended = text(mapping(metadata.get("finish_details")).get("type"))
        status = _STATUSES.get(ended, Status.COMPLETE)
        if said.get("status") == "in_progress":
            status = Status.INTERRUPTED
        return message(
            role,
            words,
            moment(said.get("create_time")) or self._created,
            model=text(metadata.get("model_slug")) if role is Role.ASSISTANT else "",
            status=status if role is Role.ASSISTANT else Status.COMPLETE,
        )

    def _words(self, content: Mapping[str, object]) -> str:
        match content.get("content_type"):
            case "text" | "multimodal_text":
                words = joined(self._part(part) for part in items(content.get("parts")))
                return _CITATIONS.sub("", words)
            case "code":
                return _fenced(text(content.get("text")), text(content.get("language")))
            case _:
                return ""

    def _part(self, part: object) -> str:
        if isinstance(part, str):
            return part
        found = mapping(part)
        if found.get("content_type") == "audio_transcription":
            return text(found.get("text"))
        if found.get("content_type") == "image_asset_pointer":
            self._pictures += 1
            return "[picture]"
        return ""

    def faults(self) -> list[str]:
        """What was left out."""
        told = []
        if self._tools:
            told.append(f"results of tools left out: {self._tools}")
        if self._pictures:
            told.append(f"pictures left out: {self._pictures}")
        return told


def _thoughts(content: Mapping[str, object]) -> str:
    thoughts = (mapping(thought) for thought in items(content.get("thoughts")))
    return joined(
        text(thought.get("content")) or text(thought.get("summary")) for thought in thoughts
    )


def _fenced(code: str, language: str) -> str:
    if not code:
        return ""
    known = "" if language == "unknown" else language
    return f"```{known}\n{code}\n```"
