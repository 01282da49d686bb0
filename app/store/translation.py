"""The seam where errors of SQLite and of the file system become the store's own.

Source: result codes, https://www.sqlite.org/rescode.html (SQLite 3.40.1).
"""

from __future__ import annotations

import errno
import math
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreReadOnly

_NO_SPACE_BYTES = 1 << 20
"""Below this much free space an I/O error is taken for a full disk: SQLite reports a shared memory
file that cannot grow as SQLITE_IOERR_SHMSIZE."""


@contextmanager
def translated(path: Path, timeout_s: float) -> Iterator[None]:
    """Raise a StoreError in place of what SQLite raises inside.

    Args:
        path: The database.
        timeout_s: How long SQLite waits for a lock, for the message.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise _from_sqlite(error, path, timeout_s) from error


def primary_code(error: sqlite3.Error) -> int:
    """The result code without its extension; 0 where the driver itself complained."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def corrupt(path: Path, what: str) -> StoreCorrupt:
    """The error for a damaged database."""
    return StoreCorrupt(
        "The conversation database is damaged",
        f"{path} ({_size(path)}): {what}",
        "Start Conclave again: it sets the damaged file aside under a dated name, deletes nothing, "
        "and begins a new one.",
    )


def _from_sqlite(error: sqlite3.Error, path: Path, timeout_s: float) -> StoreError:
    code = primary_code(error)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    what = f"{error} ({name})"
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return corrupt(path, what)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return _locked(path, what, timeout_s)
    if code == sqlite3.SQLITE_FULL:
        return _full(path, what)
    if code == sqlite3.SQLITE_IOERR and _free_bytes(path) < _NO_SPACE_BYTES:
        return _full(path, what)
    if name == "SQLITE_READONLY_DBMOVED":
        return _moved(path, what)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return _read_only(path, what)
    if code == sqlite3.SQLITE_CANTOPEN and not _is_writable(path):
        return _read_only(path, what)
    return _unusable(path, what)


def from_os_error(error: OSError, path: Path) -> StoreError:
    """What the file system says, as the store's own error."""
    what = f"{error.strerror or error} (errno {error.errno})"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _read_only(path, what)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(path, what)
    return _unusable(path, what)


def _locked(path: Path, what: str, timeout_s: float) -> StoreLocked:
    return StoreLocked(
        "Another program holds the conversation database",
        f"{path}: {what}, waited {timeout_s:g} s",
        "Close the other program (a backup, a database browser, a second Conclave) and try again.",
    )


def _full(path: Path, what: str) -> StoreFull:
    return StoreFull(
        "The disk is full",
        f"{path} ({_size(path)}): {what}{_free_words(path)}",
        "Nothing was half written. Free some space and try again.",
    )


def _read_only(path: Path, what: str) -> StoreReadOnly:
    return StoreReadOnly(
        "The conversation database cannot be written",
        f"{path}: {what}, permissions {_permissions(path)} of the file"
        f" and {_permissions(path.parent)} of its folder",
        "Make the folder and the files in it writable for your user, or set CONCLAVE_DATA_DIR to "
        "another folder.",
    )


def _moved(path: Path, what: str) -> StoreError:
    return StoreError(
        "The conversation database was moved while it was open",
        f"{path}: {what}",
        "Put it back and start Conclave again.",
    )


def _unusable(path: Path, what: str) -> StoreError:
    return StoreError(
        "The conversation database could not be read or written",
        f"{path} ({_size(path)}): {what}{_free_words(path)}",
        "Check that the disk is connected and works, then try again.",
    )


def _is_writable(path: Path) -> bool:
    if not os.access(path.parent, os.R_OK | os.W_OK | os.X_OK):
        return False
    return not path.exists() or os.access(path, os.R_OK | os.W_OK)


def _free_bytes(path: Path) -> float:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return float("inf")


def _free_words(path: Path) -> str:
    """How much room there is; nothing where the disk cannot be asked."""
    free = _free_bytes(path)
    return f", {free / 1e6:,.1f} MB free on its disk" if math.isfinite(free) else ""


def _size(path: Path) -> str:
    try:
        return f"{path.stat().st_size:,} bytes"
    except OSError:
        return "no file"


def _permissions(path: Path) -> str:
    try:
        return f"{path.stat().st_mode & 0o7777:o}"
    except OSError:
        return "unknown"
