"""A copy of the whole database while it is in use.

It is made through a connection of its own, which reads one state of the database to the end:
writers go on meanwhile, and what they write is not in the copy.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from app.errors import StoreError
from app.store.translation import from_os_error, translated

_PAGES = 500
"""Pages of one step, 2 MB: between two of them progress is told."""


def back_up(database: Path, target: Path, progressed: Callable[[float], None]) -> None:
    """Copy the database to a file, which is there as a whole or not at all.

    Args:
        progressed: Called with how much is done, from 0 to 1. What it raises ends the backup.

    Raises:
        StoreError: It cannot be read or the copy not be written.
    """
    if target.exists() and target.samefile(database):
        raise StoreError(
            "The backup cannot take the place of the database",
            f"{target} is the database in use",
            "Choose another name or folder.",
        )
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
        os.close(handle)
        draft = Path(name)
        try:
            with translated(target, 0):
                _copy(database, draft, progressed)
            draft.replace(target)
        finally:
            for leftover in (draft, Path(f"{name}-journal")):
                with suppress(OSError):
                    leftover.unlink(missing_ok=True)
    except OSError as error:
        raise from_os_error(error, target) from error


def _copy(database: Path, draft: Path, progressed: Callable[[float], None]) -> None:
    def on_step(_status: int, remaining: int, total: int) -> None:
        progressed(1 - remaining / total if total else 1.0)

    source = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    with closing(source), closing(sqlite3.connect(draft)) as copy:
        # Without a transaction of its own the copy would begin anew whenever somebody writes.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=_PAGES, progress=on_step)
        # One file, with nothing beside it, is what people carry around.
        copy.execute("PRAGMA journal_mode = DELETE")
