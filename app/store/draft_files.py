"""Files of messages that are not sent yet, over restarts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain.attachments import Attachment
from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database

_log = logging.getLogger(__name__)


def create_draft_files(db: Database) -> None:
    """The migration. A file is one value: nobody looks for anything in it."""
    db.executescript(
        """
        CREATE TABLE draft_files (
            id INTEGER PRIMARY KEY,
            conversation_id INTEGER REFERENCES conversations(id) ON DELETE CASCADE,
            content BLOB NOT NULL
        );
        CREATE INDEX draft_files_by_conversation ON draft_files(conversation_id);
        """
    )


class DraftFiles:
    """The table of files; None stands for the conversation that does not exist yet."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> dict[int | None, tuple[Attachment, ...]]:
        """The files of every draft; one that cannot be read is left out."""
        import msgspec

        found: dict[int | None, tuple[Attachment, ...]] = {}
        decoder = msgspec.msgpack.Decoder(Attachment)
        rows = self._db.execute("SELECT conversation_id, content FROM draft_files ORDER BY id")
        for conversation_id, content in rows.fetchall():
            try:
                attachment = decoder.decode(content)
            except (msgspec.DecodeError, TypeError) as error:
                _log.warning("a file of a draft cannot be read: %s", error)
                continue
            found[conversation_id] = (*found.get(conversation_id, ()), attachment)
        return found

    def keep(self, conversation_id: int | None, files: Sequence[Attachment]) -> None:
        """Remember these in place of those before; where the conversation is gone, nothing."""
        import msgspec

        encoder = msgspec.msgpack.Encoder()
        with write_transaction(self._db):
            self._db.execute(
                "DELETE FROM draft_files WHERE conversation_id IS ?", [conversation_id]
            )
            for one in files:
                self._db.execute(
                    "INSERT INTO draft_files (conversation_id, content) SELECT :id, :content"
                    " WHERE :id IS NULL OR EXISTS (SELECT 1 FROM conversations WHERE id = :id)",
                    {"id": conversation_id, "content": encoder.encode(one)},
                )
