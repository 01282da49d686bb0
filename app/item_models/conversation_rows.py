"""The rows of the list of conversations: pinned ones, folders, then groups of days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from app.domain.conversations import Conversation
from app.domain.folders import Folder, Placed

PINNED, FOLDERS = "Pinned", "Folders"
TODAY, YESTERDAY, WEEK, MONTH = "Today", "Yesterday", "Week", "Month"
EARLIER = "Earlier"
"""Of this year; what is older stands under its year."""


class FolderRow(Struct, frozen=True):
    """A folder; `unread` where it hides a conversation that has news."""

    folder: Folder
    count: int
    unread: bool


class Place(Struct, frozen=True):
    """A conversation and the folder under which it is shown; None at the top or among the dates."""

    conversation: Conversation
    folder_id: int | None = None


Row = str | FolderRow | Place
"""A heading, a folder or a conversation."""
Key = str | tuple[str, int]


def key(row: Row) -> Key:
    """What stays the same while the rest of a row changes."""
    match row:
        case FolderRow(folder):
            return "folder", folder.id
        case Place(conversation):
            return "conversation", conversation.id
    return row


def arranged(
    conversations: Sequence[Conversation], folders: Sequence[Folder], now: datetime
) -> list[Row]:
    """The rows of these conversations, which come with the newest first."""
    known = {folder.id for folder in folders}
    pinned = [each for each in conversations if each.pinned]
    others = [each for each in conversations if not each.pinned]
    rows: list[Row] = [PINNED, *map(Place, pinned)] if pinned else []
    if folders:
        rows.append(FOLDERS)
    for folder in folders:
        inside = [each for each in others if each.folder_id == folder.id]
        hides_news = folder.collapsed and any(each.unread for each in inside)
        rows.append(FolderRow(folder, len(inside), hides_news))
        if not folder.collapsed:
            rows += [Place(each, folder.id) for each in inside]
    return rows + _dated([each for each in others if each.folder_id not in known], now)


def target(row: Row | None, conversation: Conversation) -> Placed:
    """Where a conversation goes that is dropped on a row; below all rows it leaves its folder."""
    match row:
        case FolderRow(folder):
            return Placed(conversation.id, folder.id, pinned=False)
        case Place(other, folder_id) if other.pinned or folder_id is not None:
            folder_id = conversation.folder_id if other.pinned else folder_id
            return Placed(conversation.id, folder_id, pinned=other.pinned)
        case str() if row == PINNED:
            return Placed(conversation.id, conversation.folder_id, pinned=True)
    return Placed(conversation.id, None, pinned=False)


def _dated(conversations: Sequence[Conversation], now: datetime) -> list[Row]:
    groups: dict[str, list[Row]] = {}
    for conversation in conversations:
        day = conversation.updated_at.astimezone(now.tzinfo).date()
        groups.setdefault(_period(day, now.date()), []).append(Place(conversation))
    return [row for name, items in groups.items() for row in (name, *items)]


def _period(day: date, today: date) -> str:
    """The heading of a day; a clock that runs ahead is of today."""
    age = (today - day).days
    for name, days in ((TODAY, 1), (YESTERDAY, 2), (WEEK, 7), (MONTH, 30)):
        if age < days:
            return name
    return EARLIER if day.year == today.year else str(day.year)
