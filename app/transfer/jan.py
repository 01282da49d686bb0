"""Conversations of Jan: a folder each with `thread.json` and `messages.jsonl`.

Jan's own types say what is in them; its messages form a chain, without branches.
Source: https://github.com/janhq/jan/blob/089ad3e/core/src/types/message/messageEntity.ts and
https://github.com/janhq/jan/blob/150cc3c/core/src/types/thread/threadEntity.ts
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

from app.domain.conversations import Role, Status
from app.domain.transfer import CarriedConversation, CarriedMessage
from app.transfer.fields import items, joined, mapping, moment, text
from app.transfer.json_stream import decode
from app.transfer.tree import chain, grow, message

_ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT, "system": Role.SYSTEM}
_STATUSES = {
    "pending": Status.INTERRUPTED,
    "error": Status.INTERRUPTED,
    "stopped": Status.STOPPED,
}


def read(
    thread: Mapping[str, object], lines: Iterable[bytes], now: datetime
) -> tuple[CarriedConversation, tuple[str, ...]]:
    """The conversation, and what of it was left out.

    Args:
        thread: What `thread.json` says; empty where it is missing.
        lines: The lines of `messages.jsonl`.
    """
    created = moment(thread.get("created")) or moment(thread.get("updated")) or now
    reader = _LineReader(created)
    messages = [found for line in lines if (found := reader.message(line)) is not None]
    messages.sort(key=lambda item: item.created_at)
    prompt = _instructions(thread)
    if prompt:
        messages.insert(0, message(Role.SYSTEM, prompt, created))
    tree = grow(chain(messages), None)
    model = _model(thread)
    conversation = CarriedConversation(
        text(thread.get("title")) or text(thread.get("summary")),
        created,
        moment(thread.get("updated")) or (messages[-1].created_at if messages else created),
        tuple(_with_model(item, model) for item in tree.messages),
        tree.current,
    )
    return conversation, (*tree.faults, *reader.faults())


class _LineReader:
    def __init__(self, created: datetime) -> None:
        self._created = created
        self._broken: list[str] = []
        self._tools = 0
        self._pictures = 0
        self._number = 0

    def message(self, line: bytes) -> CarriedMessage | None:
        """The message of a line; None where there is none."""
        self._number += 1
        if not line.strip():
            return None
        try:
            said = mapping(decode(line))
        except ValueError:
            said = {}
        role = _ROLES.get(text(said.get("role")))
        if role is None:
            if said.get("role") == "tool":
                self._tools += 1
            else:
                self._broken.append(str(self._number))
            return None
        return self._message(said, role)

    def _message(self, said: Mapping[str, object], role: Role) -> CarriedMessage | None:
        blocks = [mapping(block) for block in items(said.get("content"))]
        self._pictures += sum(block.get("type") == "image_url" for block in blocks)
        self._tools += sum(block.get("type") == "tool_call" for block in blocks)
        words = joined(_value(block) for block in blocks if block.get("type") == "text")
        thinking = joined(_value(block) for block in blocks if block.get("type") == "reasoning")
        if role is Role.ASSISTANT and not thinking:
            thinking, words = _split_thoughts(words)
        if not words and not thinking:
            return None
        status = _STATUSES.get(text(said.get("status")), Status.COMPLETE)
        return message(
            role,
            words,
            moment(said.get("created_at")) or self._created,
            thinking=thinking,
            status=status if role is Role.ASSISTANT else Status.COMPLETE,
        )

    def faults(self) -> list[str]:
        """What was left out."""
        told = []
        if self._broken:
            shown = ", ".join(self._broken[:5]) + (", …" if len(self._broken) > 5 else "")
            told.append(
                f"lines that are no messages, left out: {len(self._broken)} (number {shown})"
            )
        if self._tools:
            told.append(f"calls and results of tools left out: {self._tools}")
        if self._pictures:
            told.append(f"pictures left out: {self._pictures}")
        return told


def _value(block: Mapping[str, object]) -> str:
    return text(mapping(block.get("text")).get("value"))


def _split_thoughts(words: str) -> tuple[str, str]:
    """Jan keeps some models' thoughts between tags at the beginning of the text."""
    start, end = "<think>", "</think>"
    bare = words.lstrip()
    if not bare.startswith(start) or end not in bare:
        return "", words
    thoughts, _end, rest = bare.removeprefix(start).partition(end)
    return thoughts.strip(), rest.lstrip()


def _instructions(thread: Mapping[str, object]) -> str:
    return next((text(a.get("instructions")) for a in _assistants(thread)), "")


def _model(thread: Mapping[str, object]) -> str:
    found = (text(mapping(a.get("model")).get("id")) for a in _assistants(thread))
    return next((model for model in found if model), "") or text(
        mapping(thread.get("model")).get("id")
    )


def _assistants(thread: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [mapping(assistant) for assistant in items(thread.get("assistants"))]


def _with_model(item: CarriedMessage, model: str) -> CarriedMessage:
    return replace(item, model=model) if item.role is Role.ASSISTANT else item
