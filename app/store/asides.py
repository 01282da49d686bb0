"""What stands beside the words of messages, for the search: thinking, and the texts of files.

An index of its own, made and kept like that of the messages (`search_index`), so that the words
themselves are searched as fast as without it. A row's number is the message's times `PLACES`, plus
0 for thinking, or the position of the file and one more; files beyond that are not indexed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from app.domain.search import Part
from app.store.search_index import Source

if TYPE_CHECKING:
    from app.store.connection import Database

PLACES = 1024
_MESSAGE_OVERHEAD = 32
"""Bytes that a message counts for without anything beside it: looking at it takes time as well."""

_THOUGHT = f"{{row}}.id * {PLACES}, {{row}}.thinking || char(10, 10)"
_FILE = f"{{row}}.message_id * {PLACES} + {{row}}.position + 1, {{row}}.content || char(10, 10)"
_ADD = "INSERT INTO aside_index (rowid, content) SELECT "
_TAKE_OUT = "INSERT INTO aside_index (aside_index, rowid, content) SELECT 'delete', "
_THOUGHT_COUNTS = "{row}.status <> 'streaming' AND {row}.thinking <> ''"
_FILE_COUNTS = f"{{row}}.position < {PLACES - 1}"

ASIDES = Source(
    "aside_progress",
    f"{_MESSAGE_OVERHEAD} + length(CAST(thinking AS BLOB)) + coalesce((SELECT"
    " sum(length(CAST(content AS BLOB))) FROM attachments WHERE message_id = messages.id), 0)",
    (
        f"{_ADD}{_THOUGHT.format(row='messages')} FROM messages WHERE id >= ? AND id < ?"
        f" AND {_THOUGHT_COUNTS.format(row='messages')}",
        f"{_ADD}{_FILE.format(row='attachments')} FROM attachments WHERE message_id >= ?"
        f" AND message_id < ? AND {_FILE_COUNTS.format(row='attachments')}",
    ),
)


def create_aside_index(db: Database) -> None:
    """The migration: an empty index, and triggers for what is written from now on."""
    built = "{row}.{column} >= (SELECT from_id FROM aside_progress)"
    old, new = (
        {
            "thought": _THOUGHT.format(row=row),
            "thought_counts": _THOUGHT_COUNTS.format(row=row),
            "thought_built": built.format(row=row, column="id"),
            "file": _FILE.format(row=row),
            "file_counts": f"{_FILE_COUNTS.format(row=row)}"
            f" AND {built.format(row=row, column='message_id')}",
        }
        for row in ("OLD", "NEW")
    )
    db.executescript(
        f"""
        CREATE VIRTUAL TABLE aside_index USING fts5 (
            content, content = '', tokenize = 'trigram', detail = none, columnsize = 0
        );
        CREATE VIRTUAL TABLE aside_terms USING fts5vocab (aside_index, instance);
        CREATE TABLE aside_progress (from_id INTEGER NOT NULL);
        INSERT INTO aside_progress SELECT coalesce(max(id), 0) + 1 FROM messages;
        CREATE TRIGGER thought_indexed AFTER INSERT ON messages
        WHEN {new["thought_counts"]} AND {new["thought_built"]}
        BEGIN {_ADD}{new["thought"]}; END;
        CREATE TRIGGER thought_unindexed AFTER DELETE ON messages
        WHEN {old["thought_counts"]} AND {old["thought_built"]}
        BEGIN {_TAKE_OUT}{old["thought"]}; END;
        CREATE TRIGGER thought_reindexed AFTER UPDATE OF thinking, status ON messages
        WHEN (OLD.thinking IS NOT NEW.thinking
                OR (OLD.status = 'streaming') <> (NEW.status = 'streaming'))
            AND {new["thought_built"]}
        BEGIN
            {_TAKE_OUT}{old["thought"]} WHERE {old["thought_counts"]};
            {_ADD}{new["thought"]} WHERE {new["thought_counts"]};
        END;
        CREATE TRIGGER file_indexed AFTER INSERT ON attachments WHEN {new["file_counts"]}
        BEGIN {_ADD}{new["file"]}; END;
        CREATE TRIGGER file_unindexed AFTER DELETE ON attachments WHEN {old["file_counts"]}
        BEGIN {_TAKE_OUT}{old["file"]}; END;
        CREATE TRIGGER file_reindexed AFTER UPDATE OF content ON attachments
        WHEN {new["file_counts"]}
        BEGIN {_TAKE_OUT}{old["file"]}; {_ADD}{new["file"]}; END;
        """
    )


class Passage(Struct, frozen=True):
    """A text in which something may be found.

    Args:
        part: What of the message it is.
        file: The name of the file that it is from.
    """

    text: str
    part: Part = Part.WORDS
    file: str = ""


class Words:
    """The words of messages, as they are indexed."""

    index, terms = "message_index", "message_terms"

    def __init__(self, db: Database) -> None:
        self._db = db

    def message_of(self, key: int) -> int:
        """The message of a row of the index."""
        return key

    def passage(self, key: int) -> Passage | None:
        """What a row of the index stands for; None where it is gone."""
        row = self._db.execute("SELECT content FROM messages WHERE id = ?", [key]).fetchone()
        return Passage(str(row[0])) if row else None


class Asides:
    """What stands beside them, as it is indexed."""

    index, terms = "aside_index", "aside_terms"

    def __init__(self, db: Database) -> None:
        self._db = db

    def message_of(self, key: int) -> int:
        """The message of a row of the index."""
        return key // PLACES

    def passage(self, key: int) -> Passage | None:
        """What a row of the index stands for; None where it is gone."""
        message_id, place = divmod(key, PLACES)
        if place == 0:
            row = self._db.execute(
                "SELECT thinking FROM messages WHERE id = ?", [message_id]
            ).fetchone()
            return Passage(str(row[0]), Part.THINKING) if row else None
        row = self._db.execute(
            "SELECT content, name FROM attachments WHERE message_id = ? AND position = ?",
            [message_id, place - 1],
        ).fetchone()
        return Passage(str(row[0]), Part.FILE, str(row[1])) if row else None
