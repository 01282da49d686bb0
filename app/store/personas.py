"""The library of system prompts, in the order its owner gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain.steering import Persona
from app.store.rows import storable_text
from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database


class Personas:
    """The table of personas. Changes to one that is gone by now do nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> list[Persona]:
        """All of them, in their order."""
        rows = self._db.execute("SELECT id, name, prompt FROM personas ORDER BY position, id")
        return [Persona(number, str(name), str(prompt)) for number, name, prompt in rows]

    def add(self, name: str, prompt: str) -> Persona:
        """Put a new one at the end."""
        name, prompt = storable_text(name), storable_text(prompt)
        with write_transaction(self._db):
            cursor = self._db.execute(
                "INSERT INTO personas (name, prompt, position)"
                " SELECT ?, ?, coalesce(max(position), 0) + 1 FROM personas",
                [name, prompt],
            )
        assert cursor.lastrowid is not None
        return Persona(cursor.lastrowid, name, prompt)

    def change(self, persona: Persona) -> None:
        """Give it another name and prompt."""
        with write_transaction(self._db):
            self._db.execute(
                "UPDATE personas SET name = ?, prompt = ? WHERE id = ?",
                [storable_text(persona.name), storable_text(persona.prompt), persona.id],
            )

    def delete(self, persona_id: int) -> None:
        """Remove it; conversations that took its words keep them."""
        with write_transaction(self._db):
            self._db.execute("DELETE FROM personas WHERE id = ?", [persona_id])

    def arrange(self, ids: Sequence[int]) -> None:
        """Put them in this order; those that are not named come behind."""
        with write_transaction(self._db):
            self._db.execute("UPDATE personas SET position = position + ?", [len(ids)])
            for position, persona_id in enumerate(ids):
                self._db.execute(
                    "UPDATE personas SET position = ? WHERE id = ?", [position, persona_id]
                )
