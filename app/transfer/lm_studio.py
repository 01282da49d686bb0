"""Conversations of LM Studio: one `*.conversation.json` each, in `~/.lmstudio/conversations`.

Known from real files: `messages`, each with `versions` and the number of the one on the screen.
What came after a message is not kept for each of its versions, so all of them answer the same
message and the conversation goes on from the one that is shown.
Source: https://github.com/YorkieDev/lm-studio-conversation-converter/blob/6023304/script.js
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.domain.conversations import Role, Status
from app.domain.transfer import CarriedConversation, CarriedMessage
from app.transfer.fields import items, joined, mapping, moment, text
from app.transfer.tree import Node, grow, message

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
_ENDS = {"maxPredictedTokensReached": Status.LENGTH, "userStopped": Status.STOPPED}


def matches(entry: Mapping[str, object]) -> bool:
    """Whether this is one of LM Studio's conversations."""
    found = entry.get("messages")
    return isinstance(found, list) and ("name" in entry or "createdAt" in entry)


def read(entry: Mapping[str, object], now: datetime) -> tuple[CarriedConversation, tuple[str, ...]]:
    """The conversation, and what of it was left out."""
    created = moment(entry.get("createdAt")) or now
    reader = _VersionReader(created)
    tree = grow(reader.nodes(entry), reader.last)
    conversation = CarriedConversation(
        text(entry.get("name")),
        created,
        moment(entry.get("assistantLastMessagedAt"))
        or moment(entry.get("userLastMessagedAt"))
        or created,
        tuple(tree.messages),
        tree.current,
    )
    return conversation, (*tree.faults, *reader.faults())


class _VersionReader:
    def __init__(self, created: datetime) -> None:
        self._created = created
        self._files = 0
        self._broken = 0
        self.last: str | None = None
        """The newest message of the branch on the screen."""

    def nodes(self, entry: Mapping[str, object]) -> list[Node]:
        """All versions of all messages, the system prompt before them."""
        found: list[Node] = []
        prompt = text(entry.get("systemPrompt"))
        if prompt:
            found.append(Node("system", None, message(Role.SYSTEM, prompt, self._created)))
            self.last = "system"
        for place, said in enumerate(map(mapping, items(entry.get("messages")))):
            versions = [mapping(version) for version in items(said.get("versions"))]
            if not versions:
                self._broken += 1
                continue
            above = self.last
            selected = said.get("currentlySelected")
            number = selected if type(selected) is int and 0 <= selected < len(versions) else 0
            for version, content in enumerate(versions):
                found.append(Node(f"{place}.{version}", above, self._message(content)))
            self.last = f"{place}.{number}"
        return found

    def _message(self, version: Mapping[str, object]) -> CarriedMessage | None:
        role = _ROLES.get(text(version.get("role")))
        if role is None:
            self._broken += 1
            return None
        steps = [mapping(step) for step in items(version.get("steps"))]
        thoughts = [step for step in steps if _is_thought(step)]
        words = [step for step in steps if not _is_thought(step)]
        content = joined((self._text(version), *(self._text(step) for step in words)))
        thinking = joined(self._text(step) for step in thoughts)
        if not content and not thinking:
            return None
        return message(
            role,
            content,
            self._created,
            thinking=thinking,
            model=text(mapping(version.get("senderInfo")).get("senderName")),
            status=_status(steps),
        )

    def _text(self, holder: Mapping[str, object]) -> str:
        content = holder.get("content")
        if isinstance(content, str):
            return content
        parts = [mapping(part) for part in items(content)]
        self._files += sum(part.get("type") == "file" for part in parts)
        return joined((text(p.get("text")) for p in parts if p.get("type") == "text"), "")

    def faults(self) -> list[str]:
        """What was left out."""
        told = []
        if self._broken:
            told.append(f"messages that could not be read, left out: {self._broken}")
        if self._files:
            told.append(f"files that are not in it, left out: {self._files}")
        return told


def _is_thought(step: Mapping[str, object]) -> bool:
    return mapping(step.get("style")).get("type") == "thinking"


def _status(steps: list[Mapping[str, object]]) -> Status:
    for step in reversed(steps):
        stats = mapping(mapping(step.get("genInfo")).get("stats"))
        if "stopReason" in stats:
            return _ENDS.get(text(stats["stopReason"]), Status.COMPLETE)
    return Status.COMPLETE
