"""Folders of the list of conversations."""

from __future__ import annotations

from msgspec import Struct


class Folder(Struct, frozen=True):
    """A named place for conversations; collapsed, it shows none of them."""

    id: int
    name: str
    collapsed: bool = False


class Placed(Struct, frozen=True):
    """Where in the list a conversation is to stand.

    Args:
        folder_id: None among the dates.
        pinned: At the top, whatever its folder.
    """

    conversation_id: int
    folder_id: int | None
    pinned: bool
