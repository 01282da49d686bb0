"""Conclave's own file of conversations, which loses nothing; see `docs/conversation-file.md`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec
from msgspec.structs import asdict, replace

from app.domain.conversations import ReplyStats, Role, Status
from app.domain.transfer import (
    CarriedConversation,
    CarriedLibrary,
    CarriedMessage,
    CarriedSummary,
    CarriedUnseen,
    More,
)
from app.transfer.answering import read_steering, steering_fields
from app.transfer.attached_files import attachment_fields, read_attachments
from app.transfer.fields import Unreadable, mapping, moment, name, text
from app.transfer.library import library_fields
from app.transfer.tree import Node, Tree, grow
from inference.engine import ContextPolicy

FORMAT = "conclave-conversations"
VERSION = 2
"""2 added files, folders, personas and how a conversation is answered."""
_MAX_INTEGER = 2**63


def opening(exported_at: datetime, library: CarriedLibrary) -> bytes:
    """What stands before the first conversation."""
    head = msgspec.json.encode(
        {
            "format": FORMAT,
            "version": VERSION,
            "exported_at": exported_at.isoformat(),
            **library_fields(library),
        }
    )
    return head.removesuffix(b"}") + b',"conversations":[\n'


def closing() -> bytes:
    """What stands behind the last conversation."""
    return b"\n]}\n"


def line(conversation: CarriedConversation) -> bytes:
    """A conversation on a line of its own, without a comma."""
    return msgspec.json.encode(
        {
            "title": conversation.title,
            "created_at": _time(conversation.created_at),
            "updated_at": _time(conversation.updated_at),
            "current": _id(conversation.current),
            "context_policy": conversation.policy.value,
            "summary": _summary(conversation.summary),
            "steering": steering_fields(conversation.steering),
            "folder": conversation.folder,
            "more": dict(conversation.more),
            "messages": [_message(place, item) for place, item in enumerate(conversation.messages)],
        }
    )


def _message(place: int, item: CarriedMessage) -> dict[str, object]:
    unseen = item.unseen
    # An answer that is being written now can only be an interrupted one in a file.
    status = Status.INTERRUPTED if item.status is Status.STREAMING else item.status
    return {
        "id": _id(place),
        "parent": _id(item.parent),
        "role": item.role.value,
        "content": item.content,
        "thinking": item.thinking,
        "status": status.value,
        "created_at": _time(item.created_at),
        "model": item.model,
        "stats": asdict(item.stats) if item.stats else None,
        "unseen": {"until": _id(unseen.until), "summarised": unseen.summarised} if unseen else None,
        "attachments": [attachment_fields(attachment) for attachment in item.attachments],
        "more": dict(item.more),
    }


def _id(place: int | None) -> int | None:
    return None if place is None else place + 1


def _time(moment_: datetime) -> str:
    return moment_.isoformat(timespec="microseconds")


def _summary(summary: CarriedSummary | None) -> dict[str, object] | None:
    return {"text": summary.text, "until": _id(summary.until)} if summary else None


def version_of(head: Mapping[str, object]) -> int | None:
    """The version that a file's head names; None where it is not Conclave's."""
    if head.get("format") != FORMAT:
        return None
    version = head.get("version")
    return version if type(version) is int else VERSION


def read(entry: Mapping[str, object], now: datetime) -> tuple[CarriedConversation, tuple[str, ...]]:
    """The conversation, and what of it could not be kept.

    Raises:
        Unreadable: It has no list of messages.
    """
    said = entry.get("messages")
    if not isinstance(said, list):
        raise Unreadable("its `messages` is no list")
    created = moment(entry.get("created_at")) or moment(entry.get("updated_at")) or now
    reader = _MessageReader(created)
    tree = grow(
        [reader.node(mapping(item)) for item in said], name(entry.get("current")), joining=False
    )
    summary = mapping(entry.get("summary"))
    until = tree.places.get(name(summary.get("until")) or "")
    steering, steering_faults = read_steering(entry.get("steering"))
    folder = entry.get("folder")
    conversation = CarriedConversation(
        text(entry.get("title")),
        created,
        moment(entry.get("updated_at")) or created,
        reader.finished(tree),
        tree.current,
        _policy(entry.get("context_policy")),
        CarriedSummary(text(summary.get("text")), until) if until is not None else None,
        _more(entry.get("more")),
        steering,
        folder if type(folder) is int else None,
    )
    return conversation, (*tree.faults, *reader.faults(), *steering_faults)


class _MessageReader:
    def __init__(self, created: datetime) -> None:
        self._created = created
        self._unseen: dict[str, Mapping[str, object]] = {}
        self._n_named_twice = 0
        self._n_without_role = 0
        self._keys: set[str] = set()

    def node(self, said: Mapping[str, object]) -> Node:
        """One message of the list."""
        key = name(said.get("id")) or ""
        if not key or key in self._keys:
            self._n_named_twice += 1
            key = f"unnamed {len(self._keys)}"
        self._keys.add(key)
        role = _one_of(Role, said.get("role"))
        if role is None:
            self._n_without_role += 1
            role = Role.ASSISTANT if said.get("model") else Role.USER
        self._unseen[key] = mapping(said.get("unseen"))
        item = CarriedMessage(
            None,
            role,
            text(said.get("content")),
            text(said.get("thinking")),
            _status(said.get("status")),
            moment(said.get("created_at")) or self._created,
            text(said.get("model")),
            _stats(said.get("stats")),
            more=_more(said.get("more")),
            attachments=read_attachments(said.get("attachments")),
        )
        return Node(key, name(said.get("parent")), item)

    def finished(self, tree: Tree) -> tuple[CarriedMessage, ...]:
        """The messages of the tree, with what they were given without."""
        messages = tree.messages
        for key, place in tree.places.items():
            until = tree.places.get(name(self._unseen[key].get("until")) or "")
            if until is not None and place is not None:
                summarised = self._unseen[key].get("summarised") is True
                messages[place] = replace(messages[place], unseen=CarriedUnseen(until, summarised))
        return tuple(messages)

    def faults(self) -> list[str]:
        """What could not be kept as it was."""
        told = []
        if self._n_named_twice:
            told.append(f"messages without an id of their own: {self._n_named_twice}")
        if self._n_without_role:
            told.append(f"messages that do not say who wrote them: {self._n_without_role}")
        return told


_Choice = TypeVar("_Choice", bound=StrEnum)


def _one_of(kind: type[_Choice], value: object) -> _Choice | None:
    try:
        return kind(text(value))
    except ValueError:
        return None


def _status(value: object) -> Status:
    status = _one_of(Status, value) or Status.COMPLETE
    return Status.INTERRUPTED if status is Status.STREAMING else status


def _policy(value: object) -> ContextPolicy:
    return _one_of(ContextPolicy, value) or ContextPolicy.DROP_OLDEST


def _stats(value: object) -> ReplyStats | None:
    try:
        stats = msgspec.convert(value, ReplyStats)
    except (msgspec.ValidationError, OverflowError):
        return None
    return stats if all(map(_is_storable, mapping(value).values())) else None


def _more(value: object) -> More:
    return {
        key: item
        for key, item in mapping(value).items()
        if isinstance(item, str | int | float) and _is_storable(item)
    }


def _is_storable(value: object) -> bool:
    if isinstance(value, int):
        return -_MAX_INTEGER <= value < _MAX_INTEGER
    return not isinstance(value, float) or math.isfinite(value)
