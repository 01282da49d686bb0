"""Edits of messages that are not sent yet, over restarts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.edits import KeptEdit
from app.store.rows import storable_text
from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database


def create_edits(db: Database) -> None:
    """The migration. The words stay where the message goes: that is no reference."""
    db.executescript(
        """
        CREATE TABLE edits (
            conversation_id INTEGER PRIMARY KEY REFERENCES conversations(id) ON DELETE CASCADE,
            message_id INTEGER NOT NULL,
            content TEXT NOT NULL
        );
        """
    )


class Edits:
    """The table of edits, one at most for each conversation."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> dict[int, KeptEdit]:
        """Every edit, by conversation."""
        rows = self._db.execute("SELECT conversation_id, message_id, content FROM edits").fetchall()
        return {
            conversation_id: KeptEdit(_number(message_id), str(content))
            for conversation_id, message_id, content in rows
        }

    def keep(self, conversation_id: int, edit: KeptEdit | None) -> None:
        """Remember an edit in place of the one before; None forgets it.

        Where the conversation is gone by now, there is nothing to keep.
        """
        with write_transaction(self._db):
            self._db.execute("DELETE FROM edits WHERE conversation_id = ?", [conversation_id])
            if edit is not None:
                self._db.execute(
                    "INSERT INTO edits (conversation_id, message_id, content)"
                    " SELECT id, ?, ? FROM conversations WHERE id = ?",
                    [edit.message_id, storable_text(edit.text), conversation_id],
                )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
