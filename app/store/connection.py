"""A connection to SQLite with the few habits that the store needs; see docs/decisions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

Parameters = Sequence[object] | Mapping[str, object]


class Database:
    """One connection that is in autocommit mode except inside `atomic` or an explicit BEGIN.

    Args:
        connection: Opened with `isolation_level=None`; belongs to the database from here on.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.conn = connection
        self._n_savepoints = 0

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self.conn.execute(sql, parameters)

    def query(self, sql: str, parameters: Parameters = ()) -> Iterator[dict[str, Any]]:
        """Run a statement now; its rows, by the names of their columns, are fetched as needed."""
        cursor = self.conn.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    def executescript(self, sql: str) -> None:
        """Run many statements, within the transaction where one is open."""
        # sqlite3's own method would commit what is open.
        statement = ""
        for part in sql.split(";"):
            statement += f"{part};"
            if sqlite3.complete_statement(statement):
                self.conn.execute(statement)
                statement = ""
        if statement.strip("; \n"):
            self.conn.execute(statement)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All that is done inside, or nothing of it; a nested one can fail alone."""
        nested = self.conn.in_transaction
        self._n_savepoints += 1
        name = f"atomic_{self._n_savepoints}"
        self.conn.execute(f"SAVEPOINT {name}" if nested else "BEGIN")
        try:
            yield
            self.conn.execute(f"RELEASE {name}" if nested else "COMMIT")
        except BaseException:
            # An error may have ended the whole transaction already.
            if nested and self.conn.in_transaction:
                self.conn.execute(f"ROLLBACK TO {name}")
                self.conn.execute(f"RELEASE {name}")
            elif not nested:
                self.rollback()
            raise

    def rollback(self) -> None:
        """Undo the open transaction, if there is one."""
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")

    def enable_wal(self) -> None:
        """Let readers and a writer work at the same time."""
        if self.journal_mode != "wal":
            self.conn.execute("PRAGMA journal_mode=wal")

    @property
    def journal_mode(self) -> str:
        """How SQLite keeps what is not written for good yet."""
        [mode] = self.conn.execute("PRAGMA journal_mode").fetchone()
        return str(mode)

    def close(self) -> None:
        """Close the connection."""
        self.conn.close()
