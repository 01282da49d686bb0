"""Write transactions that take their turn among processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.store.connection import Database


@contextmanager
def write_transaction(db: Database) -> Iterator[None]:
    """Commit what is written inside, or nothing of it; nested ones join the outer one."""
    if db.conn.in_transaction:
        with db.atomic():
            yield
        return
    # A deferred BEGIN that reads before it writes fails at once when another process has written in
    # between; IMMEDIATE waits for its turn at the beginning.
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise
