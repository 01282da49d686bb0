"""Opens the database: looks before it touches, sets a damaged one aside, brings the schema up."""

from __future__ import annotations

import logging
import re
import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from app.errors import StoreCorrupt, StoreTooNew
from app.store.connection import Database
from app.store.migrations import MIGRATIONS, migrate, schema_version
from app.store.recovery import empty_bin, interrupt_leftovers
from app.store.rows import TextDecoder
from app.store.setting_aside import set_aside
from app.store.transactions import write_transaction
from app.store.translation import corrupt, from_os_error, primary_code, translated

DEFAULT_TIMEOUT_S = 5.0

_log = logging.getLogger(__name__)

_IS_SOUND = re.compile(
    r"ok$|\*\*\*|(NULL|NUMERIC|TEXT|non-\w+) value in |CHECK constraint failed in "
)
"""What `quick_check` says that is no damage: headings, and values, which are read tolerantly."""


class OpenReport(Struct, frozen=True):
    """What opening came upon.

    Args:
        set_aside: Where a corrupt database was moved to; None where there was none.
        interrupted: How many cut-off answers became `interrupted`.
    """

    set_aside: Path | None
    interrupted: int


def open_database(path: Path, timeout_s: float) -> tuple[Database, OpenReport]:
    """Open the database, making folder and file where they are missing.

    Raises:
        StoreError: With nothing changed, except that a damaged file was renamed.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = _identity(path)
        try:
            return _open(path, timeout_s, None)
        except StoreCorrupt as error:
            moved = None
            # Where another process was quicker, the new file is not the one that was damaged.
            if before is not None and before == _identity(path):
                moved = set_aside(path, datetime.now())
                _log.error("%s; set aside as %s", error, moved)
        return _open(path, timeout_s, moved)
    except OSError as error:
        raise from_os_error(error, path) from error


def open_in_memory() -> Database:
    """A database that is never written to a disk, also not while SQLite sorts."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.text_factory = TextDecoder()
    db = Database(connection)
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA foreign_keys = ON")
    migrate(db)
    return db


def close_database(db: Database) -> None:
    """Move what is in the log into the main file, as far as others allow, and close."""
    try:
        db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error as error:
        _log.warning("no checkpoint at closing: %s", error)
    finally:
        db.close()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _open(path: Path, timeout_s: float, moved: Path | None) -> tuple[Database, OpenReport]:
    with translated(path, timeout_s):
        examined = _examine(path, timeout_s)
        db = _connect(path, timeout_s, "mode=rwc")
        try:
            _refuse_newer(db, path)
            if not examined:
                _refuse_damaged(db, path)
            interrupted = _prepare(db, timeout_s)
        except BaseException:
            db.close()
            raise
    return db, OpenReport(set_aside=moved, interrupted=interrupted)


def _connect(path: Path, timeout_s: float, query: str) -> Database:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{query}", uri=True, timeout=timeout_s, isolation_level=None
    )
    connection.text_factory = TextDecoder()
    return Database(connection)


def _examine(path: Path, timeout_s: float) -> bool:
    """Check version and soundness of an existing file without changing it.

    A connection that may write would move the log into the main file when it closes.

    Returns:
        Whether it could be examined; in a folder where SQLite cannot put its side files, or after a
        crash in the first moments of a database, only a writing connection can.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return True
    # The header alone, which is enough nearly always and leaves no side files behind.
    with suppress(sqlite3.Error), closing(_connect(path, timeout_s, "mode=ro&immutable=1")) as db:
        _refuse_newer(db, path)
    try:
        with closing(_connect(path, timeout_s, "mode=ro")) as db:
            _refuse_newer(db, path)
            _refuse_damaged(db, path)
    except sqlite3.OperationalError as error:
        if primary_code(error) not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
        return False
    return True


def _refuse_newer(db: Database, path: Path) -> None:
    found, known = schema_version(db), len(MIGRATIONS)
    if found > known:
        raise StoreTooNew(
            "A newer Conclave made the conversation database",
            f"{path} has version {found}, this program knows versions up to {known}",
            "Install the newest Conclave. The database was not changed.",
        )


def _refuse_damaged(db: Database, path: Path) -> None:
    rows = db.execute("PRAGMA quick_check").fetchall()
    lines = [line for row in rows for line in str(row[0]).splitlines()]
    damage = [line for line in lines if not _IS_SOUND.match(line)]
    if damage:
        raise corrupt(path, f"at least {len(damage)} faults, the first: {damage[0]}")


def _prepare(db: Database, timeout_s: float) -> int:
    """Set the connection up and put the contents in order; gives the interrupted answers."""
    _use_wal(db, timeout_s)
    db.execute("PRAGMA foreign_keys = ON")
    # A sent message must survive a power cut; on macOS that takes one more flag.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA fullfsync = ON")
    migrate(db)
    with write_transaction(db):
        # Changes nothing, but fails where nothing can be written; BEGIN IMMEDIATE does not.
        db.execute("DELETE FROM settings WHERE 0")
        interrupted = interrupt_leftovers(db)
        empty_bin(db, datetime.now(UTC))
    return interrupted


def _use_wal(db: Database, timeout_s: float) -> None:
    # SQLite does not wait its timeout when two processes switch a new database at the same moment.
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            db.enable_wal()
            break
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    if db.journal_mode != "wal":
        _log.warning("this disk does not support write-ahead logging")
