"""Folders and personas in and out of the tables, with the conversations of a file.

What is there already under the same name is not made again. What an import made goes with it when
it is undone, unless its reader has changed or used it since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain.transfer import CarriedFolder, CarriedLibrary, CarriedPersona
from app.store.rows import storable_text

if TYPE_CHECKING:
    from app.store.connection import Database


def add_origins(db: Database) -> None:
    """The migration: which import has made a folder or a persona; a change forgets it."""
    db.executescript(
        """
        ALTER TABLE folders ADD COLUMN import_id INTEGER
            REFERENCES imports(id) ON DELETE SET NULL;
        ALTER TABLE personas ADD COLUMN import_id INTEGER
            REFERENCES imports(id) ON DELETE SET NULL;
        CREATE TRIGGER folder_changed AFTER UPDATE OF name ON folders
        BEGIN UPDATE folders SET import_id = NULL WHERE id = NEW.id; END;
        CREATE TRIGGER persona_changed AFTER UPDATE OF name, prompt ON personas
        BEGIN UPDATE personas SET import_id = NULL WHERE id = NEW.id; END;
        """
    )


class LibraryRows:
    """Reads, adds and takes away folders and personas."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> CarriedLibrary:
        """Every folder and every persona, in their order."""
        personas = self._db.execute("SELECT name, prompt FROM personas ORDER BY position, id")
        return CarriedLibrary(
            self._folders("SELECT id, name, collapsed FROM folders ORDER BY id"),
            tuple(CarriedPersona(str(name), str(prompt)) for name, prompt in personas),
        )

    def of_conversation(self, conversation_id: int) -> CarriedLibrary:
        """The folder that the conversation lies in."""
        return CarriedLibrary(
            self._folders(
                "SELECT id, name, collapsed FROM folders WHERE id ="
                " (SELECT folder_id FROM conversations WHERE id = ?)",
                conversation_id,
            )
        )

    def add(self, import_id: int, library: CarriedLibrary) -> dict[int, int]:
        """Add what is not there yet, within a transaction of the owner's.

        Returns:
            The folders' rows, by their numbers in the library.
        """
        self._add_personas(import_id, library.personas)
        there: dict[str, list[int]] = {}
        for folder in self.all().folders:
            there.setdefault(folder.name, []).append(folder.number)
        return {folder.number: self._folder(import_id, folder, there) for folder in library.folders}

    def undo(self, import_id: int) -> None:
        """Take away what the import has made and nobody uses, within a transaction."""
        self._db.execute("DELETE FROM personas WHERE import_id = ?", [import_id])
        self._db.execute(
            "DELETE FROM folders WHERE import_id = ? AND NOT EXISTS (SELECT 1 FROM conversations"
            " WHERE folder_id = folders.id AND deleted_at IS NULL)",
            [import_id],
        )

    def _folders(self, statement: str, *values: object) -> tuple[CarriedFolder, ...]:
        rows = self._db.execute(statement, values)
        return tuple(CarriedFolder(row[0], str(row[1]), bool(row[2])) for row in rows)

    def _folder(self, import_id: int, folder: CarriedFolder, there: dict[str, list[int]]) -> int:
        """The row of a folder; two of one name in the file are two here as well."""
        name = storable_text(folder.name)
        rows = there.get(name)
        if rows:
            return rows.pop(0)
        cursor = self._db.execute(
            "INSERT INTO folders (name, collapsed, import_id) VALUES (?, ?, ?)",
            [name, folder.collapsed, import_id],
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _add_personas(self, import_id: int, personas: Sequence[CarriedPersona]) -> None:
        there = set(self.all().personas)
        for persona in personas:
            found = CarriedPersona(storable_text(persona.name), storable_text(persona.prompt))
            if found not in there:
                self._db.execute(
                    "INSERT INTO personas (name, prompt, import_id, position)"
                    " SELECT ?, ?, ?, coalesce(max(position), 0) + 1 FROM personas",
                    [found.name, found.prompt, import_id],
                )
