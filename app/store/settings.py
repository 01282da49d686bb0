"""Settings as JSON values under a key."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, TypeAlias

from app.store.rows import storable_text
from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"

_log = logging.getLogger(__name__)


class Settings:
    """The table of settings."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._told: set[str] = set()

    def get(self, key: str) -> JsonValue:
        """The value under the key; None where there is none that can be read."""
        row = self._db.execute(
            "SELECT value FROM settings WHERE key = ?", [storable_text(key)]
        ).fetchone()
        if row is None:
            return None
        try:
            value: JsonValue = json.loads(row[0])
        except (ValueError, TypeError, RecursionError):
            if key not in self._told:
                self._told.add(key)
                _log.warning("setting %r cannot be read: %.80r", key, row[0])
            return None
        return value

    def set(self, key: str, value: JsonValue) -> None:
        """Put a value under the key.

        Raises:
            ValueError: JSON cannot hold the value (NaN, infinity, a circle).
        """
        text = json.dumps(value, allow_nan=False)
        with write_transaction(self._db):
            self._db.execute(
                "INSERT INTO settings (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                [storable_text(key), text],
            )
