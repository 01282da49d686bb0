"""Moves a damaged database out of the way without losing any of it."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path

# The main file goes last. Were it gone first and the power with it, the log would lie beside a new
# and empty database, and SQLite deletes such a log.
_PARTS = ("-wal", "-shm", "")


def set_aside(path: Path, now: datetime) -> Path:
    """Rename the database with its side files to a dated name that is free; gives the new path."""
    target = _free_name(path, now)
    for part in _PARTS:
        source = _part(path, part)
        if source.exists():
            source.rename(_part(target, part))
    return target


def _free_name(path: Path, now: datetime) -> Path:
    for attempt in count(1):
        suffix = "" if attempt == 1 else f"-{attempt}"
        name = f"{path.stem}.corrupt-{now:%Y%m%d-%H%M%S}{suffix}{path.suffix}"
        target = path.with_name(name)
        if not any(_part(target, part).exists() for part in _PARTS):
            return target
    raise AssertionError("unreachable")


def _part(path: Path, part: str) -> Path:
    return path.with_name(path.name + part)
