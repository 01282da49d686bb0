"""Folders of the list of conversations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folder:
    """A named place for conversations; collapsed, it shows none of them."""

    id: int
    name: str
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Where in the list a conversation is to stand.

    Args:
        folder_id: None among the dates.
        pinned: At the top, whatever its folder.
    """

    conversation_id: int
    folder_id: int | None
    pinned: bool
