"""How the list of conversations is arranged: what is pinned, folders, what was not read yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.folders import Folder, Placed
from app.store.rows import storable_text
from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database


def add_arrangement(db: Database) -> None:
    """The migration. Titles from before it count as typed: nobody shall replace them."""
    db.executescript(
        """
        CREATE TABLE folders (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            collapsed INTEGER NOT NULL DEFAULT 0
        );
        ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversations ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE conversations ADD COLUMN title_origin TEXT NOT NULL DEFAULT 'question';
        ALTER TABLE conversations ADD COLUMN folder_id INTEGER
            REFERENCES folders(id) ON DELETE SET NULL;
        UPDATE conversations SET title_origin = 'typed';
        CREATE INDEX conversations_by_folder ON conversations(folder_id);
        """
    )


class Arrangement:
    """Folders, and the place of each conversation."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def folders(self) -> list[Folder]:
        """All of them, by name."""
        rows = self._db.execute("SELECT id, name, collapsed FROM folders").fetchall()
        found = [Folder(row[0], str(row[1]), bool(row[2])) for row in rows]
        return sorted(found, key=lambda folder: (folder.name.casefold(), folder.id))

    def create_folder(self, name: str) -> Folder:
        """A new one, empty and open."""
        with write_transaction(self._db):
            cursor = self._db.execute(
                "INSERT INTO folders (name) VALUES (?)", [storable_text(name)]
            )
        assert cursor.lastrowid is not None
        return Folder(cursor.lastrowid, storable_text(name))

    def rename_folder(self, folder_id: int, name: str) -> None:
        """Give a folder another name."""
        self._change("UPDATE folders SET name = ? WHERE id = ?", storable_text(name), folder_id)

    def collapse_folder(self, folder_id: int, collapsed: bool) -> None:
        """Show what is in a folder, or hide it."""
        self._change("UPDATE folders SET collapsed = ? WHERE id = ?", collapsed, folder_id)

    def remove_folder(self, folder_id: int) -> None:
        """Take a folder away; what was in it stands among the dates again."""
        self._change("DELETE FROM folders WHERE id = ?", folder_id)

    def place(self, placed: Placed) -> None:
        """Put a conversation somewhere; in a folder that is gone, it stands among the dates."""
        self._change(
            "UPDATE conversations SET pinned = ?,"
            " folder_id = (SELECT id FROM folders WHERE id = ?) WHERE id = ?",
            placed.pinned,
            placed.folder_id,
            placed.conversation_id,
        )

    def set_unread(self, conversation_id: int, unread: bool) -> bool:
        """Remember whether an answer waits to be read; whether that is news."""
        return self._change(
            "UPDATE conversations SET unread = ? WHERE id = ? AND unread <> ?",
            unread,
            conversation_id,
            unread,
        )

    def has_own_title(self, conversation_id: int) -> bool:
        """Whether somebody has found a title already; without one it is the question's first line.

        Of a conversation that is gone, it is True: nothing is to be found for it.
        """
        row = self._db.execute(
            "SELECT title_origin FROM conversations WHERE id = ? AND deleted_at IS NULL",
            [conversation_id],
        ).fetchone()
        return row is None or row[0] != "question"

    def set_model_title(self, conversation_id: int, title: str) -> bool:
        """Take the model's title, unless there is one already; whether it was taken."""
        return self._change(
            "UPDATE conversations SET title = ?, title_origin = 'model'"
            " WHERE id = ? AND title_origin = 'question'",
            storable_text(title),
            conversation_id,
        )

    def _change(self, statement: str, *values: object) -> bool:
        with write_transaction(self._db):
            return self._db.execute(statement, values).rowcount > 0
