"""What is put in order each time the database is opened: cut-off answers and the bin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.domain.conversations import Status
from app.store.rows import parse_time
from app.store.writers import writer_from_row

if TYPE_CHECKING:
    from app.store.connection import Database

BIN_KEEPS = timedelta(days=30)


def interrupt_leftovers(db: Database) -> int:
    """Mark answers whose writer is gone as interrupted; gives their number.

    Rows of another living process (a terminal chat beside the window) stay as they are.
    """
    rows = db.execute(
        "SELECT id, writer_pid, writer_started FROM messages WHERE status = 'streaming'"
    ).fetchall()
    leftover = [row[0] for row in rows if not _is_being_written(row[1], row[2])]
    for message_id in leftover:
        db.execute(
            "UPDATE messages SET status = ?, writer_pid = NULL, writer_started = NULL WHERE id = ?",
            [Status.INTERRUPTED, message_id],
        )
    return len(leftover)


def _is_being_written(pid: object, started: object) -> bool:
    writer = writer_from_row(pid, started)
    return writer is not None and writer.is_another_living_process()


def empty_bin(db: Database, now: datetime) -> int:
    """Remove what was deleted more than 30 days ago, messages included; gives the number.

    A date that cannot be read keeps its conversation in the bin.
    """
    rows = db.execute(
        "SELECT id, deleted_at FROM conversations WHERE deleted_at IS NOT NULL"
    ).fetchall()
    due = [row[0] for row in rows if _is_due(row[1], now)]
    for conversation_id in due:
        db.execute("DELETE FROM conversations WHERE id = ?", [conversation_id])
    return len(due)


def _is_due(deleted_at: object, now: datetime) -> bool:
    deleted = parse_time(deleted_at)
    return deleted is not None and now - deleted > BIN_KEEPS
