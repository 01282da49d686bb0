"""The full-text index over messages: its tables, what keeps it true, and how it is first built.

The index is an FTS5 table without contents, of runs of three characters, so that parts of words and
languages without spaces are found. Triggers keep it: each message whose id is not below
`search_progress.from_id` is in it as soon as nobody is writing it any more. Messages of a database
from before the index come in by `SearchIndex.build_some`, the newest first.

An FTS5 table without contents forgets a text only when it is told the same text again, so both
triggers and building go through the same expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database

# Two line ends behind the text: every two characters of it begin a run of three.
_INDEXED = "{row}.content || char(10, 10)"
_ADD = f"INSERT INTO message_index (rowid, content) SELECT {{row}}.id, {_INDEXED}"
_TAKE_OUT = (
    "INSERT INTO message_index (message_index, rowid, content)"
    f" SELECT 'delete', {{row}}.id, {_INDEXED}"
)
_IS_BUILT = "{row}.id >= (SELECT from_id FROM search_progress)"


def create_search_index(db: Database) -> None:
    """The migration: an empty index, and triggers for what is written from now on."""
    add, take_out = _ADD.format(row="NEW"), _TAKE_OUT.format(row="OLD")
    new_is_built, old_is_built = _IS_BUILT.format(row="NEW"), _IS_BUILT.format(row="OLD")
    db.executescript(
        f"""
        CREATE VIRTUAL TABLE message_index USING fts5 (
            content, content = '', tokenize = 'trigram', detail = none, columnsize = 0
        );
        CREATE VIRTUAL TABLE message_terms USING fts5vocab (message_index, instance);
        CREATE TABLE search_progress (from_id INTEGER NOT NULL);
        INSERT INTO search_progress SELECT coalesce(max(id), 0) + 1 FROM messages;
        CREATE TRIGGER message_indexed AFTER INSERT ON messages
        WHEN NEW.status <> 'streaming' AND {new_is_built}
        BEGIN {add}; END;
        CREATE TRIGGER message_unindexed AFTER DELETE ON messages
        WHEN OLD.status <> 'streaming' AND {old_is_built}
        BEGIN {take_out}; END;
        CREATE TRIGGER message_reindexed AFTER UPDATE OF content, status ON messages
        WHEN (OLD.status <> 'streaming' OR NEW.status <> 'streaming')
            AND (OLD.content IS NOT NEW.content
                OR (OLD.status = 'streaming') <> (NEW.status = 'streaming'))
            AND {new_is_built}
        BEGIN
            {take_out} WHERE OLD.status <> 'streaming';
            {add} WHERE NEW.status <> 'streaming';
        END;
        """
    )


class Source(Struct, frozen=True):
    """Where the texts of an index come from.

    Args:
        progress: The table that says from which message on it is complete.
        size: An expression for the bytes that a message has for it.
        adds: Statements that index the texts of messages from one id up to another.
    """

    progress: str
    size: str
    adds: tuple[str, ...]


MESSAGES = Source(
    "search_progress",
    "length(CAST(content AS BLOB))",
    (
        f"{_ADD.format(row='messages')} FROM messages"
        " WHERE id >= ? AND id < ? AND status <> 'streaming'",
    ),
)


class SearchIndex:
    """How far an index of an older database has come, and the next piece of it."""

    def __init__(self, db: Database, source: Source = MESSAGES) -> None:
        self._db = db
        self._source = source

    def built(self) -> float:
        """How much of the messages is in it, by their ids, from 0 to 1."""
        below, newest = self._db.execute(
            "SELECT (SELECT max(id) FROM messages"
            f" WHERE id < (SELECT from_id FROM {self._source.progress})), max(id) FROM messages"
        ).fetchone()
        return 1.0 if below is None else 1.0 - below / newest

    def build_some(self, n_bytes: int) -> float:
        """Index about so much text, the newest that is missing; gives what `built` gives then."""
        progress = self._source.progress
        with write_transaction(self._db):
            (from_id,) = self._db.execute(f"SELECT from_id FROM {progress}").fetchone()
            lower = self._lower_end(from_id, n_bytes)
            for add in self._source.adds:
                self._db.execute(add, [lower, from_id])
            self._db.execute(f"UPDATE {progress} SET from_id = ?", [lower])
        return self.built()

    def _lower_end(self, from_id: int, n_bytes: int) -> int:
        rows = self._db.execute(
            f"SELECT id, {self._source.size} FROM messages WHERE id < ? ORDER BY id DESC",
            [from_id],
        )
        total = 0
        for message_id, size in rows:
            total += size
            if total >= n_bytes:
                rows.close()
                return int(message_id)
        return 0
