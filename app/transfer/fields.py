"""Reading values of which nothing is known but that they came out of somebody's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

_MILLISECONDS_FROM = 100_000_000_000
"""A larger number is a time in milliseconds: as seconds it would lie in the year 5138."""


class Unreadable(ValueError):
    """An entry is not what it should be; the message says in a sentence what is missing."""


def mapping(value: object) -> Mapping[str, object]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """The value where it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def name(value: object) -> str | None:
    """What something is called by others: a string, or a number as one."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else None


def moment(value: object) -> datetime | None:
    """A time: seconds or milliseconds since 1970, or ISO 8601 (UTC where it has no offset)."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        if isinstance(value, int | float) and value > 0:
            seconds = value / 1000 if value > _MILLISECONDS_FROM else value
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def joined(parts: Iterable[str], between: str = "\n\n") -> str:
    """The parts that are not empty, with this between them."""
    return between.join(part for part in parts if part)
