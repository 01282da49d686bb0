"""Attachments of messages, and drafts of messages that are not sent yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.domain.attachments import MAX_PIXELS, Attachment, AttachmentKind
from app.domain.conversations import Message
from app.store.rows import storable_text
from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database


def create_attachments_and_drafts(db: Database) -> None:
    """The migration. The draft of a conversation that does not exist yet has no conversation."""
    db.executescript(
        """
        CREATE TABLE attachments (
            message_id INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            size_bytes INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            note TEXT NOT NULL DEFAULT '',
            content TEXT NOT NULL,
            PRIMARY KEY (message_id, position)
        );
        CREATE TABLE drafts (
            conversation_id INTEGER UNIQUE REFERENCES conversations(id) ON DELETE CASCADE,
            content TEXT NOT NULL
        );
        """
    )


def add_pictures(db: Database) -> None:
    """The migration."""
    for column in ("data BLOB", "preview BLOB", "width INTEGER", "height INTEGER"):
        default = "x''" if column.endswith("BLOB") else "0"
        db.execute(f"ALTER TABLE attachments ADD COLUMN {column} NOT NULL DEFAULT {default}")


class Attachments:
    """The table of attachments. Reading is tolerant, as with all rows."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, message: Message, attachments: Sequence[Attachment]) -> Message:
        """Store what a message carries; gives the message with it."""
        self.put(message.id, attachments)
        return replace(message, attachments=tuple(attachments))

    def put(self, message_id: int, attachments: Sequence[Attachment]) -> None:
        """Store what the message of that number carries."""
        with write_transaction(self._db):
            for position, one in enumerate(attachments):
                self._db.execute(
                    "INSERT INTO attachments"
                    " (message_id, position, name, kind, size_bytes, sha256, note, content,"
                    " data, preview, width, height)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        message_id,
                        position,
                        storable_text(one.name),
                        one.kind,
                        one.size_bytes,
                        storable_text(one.sha256),
                        storable_text(one.note),
                        storable_text(one.text),
                        one.data,
                        one.preview,
                        one.width,
                        one.height,
                    ],
                )

    def added_to(self, conversation_id: int, messages: Sequence[Message]) -> list[Message]:
        """Messages of a conversation with what they carry."""
        found: dict[int, list[Attachment]] = {}
        rows = self._db.query(
            "SELECT a.* FROM attachments a JOIN messages m ON m.id = a.message_id"
            " WHERE m.conversation_id = ? ORDER BY a.message_id, a.position",
            [conversation_id],
        )
        for row in rows:
            found.setdefault(row["message_id"], []).append(_attachment(row))
        return [
            replace(message, attachments=tuple(found[message.id]))
            if message.id in found
            else message
            for message in messages
        ]


class Drafts:
    """The table of drafts; None stands for the conversation that does not exist yet."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> dict[int | None, str]:
        """Every draft."""
        rows = self._db.execute("SELECT conversation_id, content FROM drafts").fetchall()
        return {conversation_id: str(content) for conversation_id, content in rows}

    def keep(self, conversation_id: int | None, text: str) -> None:
        """Remember a draft in place of the one before; an empty text forgets it.

        Where the conversation is gone by now, there is nothing to keep.
        """
        with write_transaction(self._db):
            self._db.execute("DELETE FROM drafts WHERE conversation_id IS ?", [conversation_id])
            if text:
                self._db.execute(
                    "INSERT INTO drafts (conversation_id, content) SELECT :id, :text"
                    " WHERE :id IS NULL OR EXISTS (SELECT 1 FROM conversations WHERE id = :id)",
                    {"id": conversation_id, "text": storable_text(text)},
                )


def _attachment(row: dict[str, object]) -> Attachment:
    return Attachment(
        name=str(row["name"]),
        kind=_kind(row["kind"]),
        size_bytes=_number(row["size_bytes"]),
        sha256=str(row["sha256"]),
        text=str(row["content"]),
        note=str(row["note"]),
        data=_bytes(row["data"]),
        preview=_bytes(row["preview"]),
        width=_pixels(row["width"]),
        height=_pixels(row["height"]),
    )


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _pixels(value: object) -> int:
    return value if isinstance(value, int) and 0 <= value <= MAX_PIXELS else 0


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _kind(value: object) -> AttachmentKind:
    try:
        return AttachmentKind(str(value))
    except ValueError:
        return AttachmentKind.TEXT  # a newer Conclave may know more kinds; the words are the same
