"""Whole conversations in and out of the tables, with all branches; imports that can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.domain.context import Unseen
from app.domain.conversations import Message
from app.domain.steering import Steering
from app.domain.transfer import (
    NO_LIBRARY,
    CarriedConversation,
    CarriedLibrary,
    CarriedMessage,
    CarriedSteering,
    CarriedSummary,
    CarriedUnseen,
    ImportRecord,
    More,
    UndoneImport,
)
from app.store.attachments import Attachments
from app.store.carried_library import LibraryRows
from app.store.carried_rows import (
    CONVERSATION_COLUMNS,
    MESSAGE_COLUMNS,
    ConversationWriter,
    carried_columns,
)
from app.store.contexts import Contexts
from app.store.rows import RowReader, parse_time, storable_text, time_column
from app.store.steering import SteeringRows
from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database


class Transfers:
    """Reads and writes conversations as a whole."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], datetime],
        reader: RowReader,
        contexts: Contexts,
    ) -> None:
        self._db = db
        self._clock = clock
        self._reader = reader
        self._contexts = contexts
        self._attachments = Attachments(db)
        self._steering = SteeringRows(db, contexts)
        self.library = LibraryRows(db)

    # Out

    def ids(self) -> list[int]:
        """Of all conversations not in the bin, the newest first."""
        rows = self._db.execute(
            "SELECT id FROM conversations WHERE deleted_at IS NULL"
            " ORDER BY updated_at DESC, id DESC"
        )
        return [row[0] for row in rows]

    def carried(self, conversation_id: int) -> CarriedConversation | None:
        """A conversation with all its branches; None where it is gone by now."""
        with self._db.atomic():
            rows = list(
                self._db.query("SELECT * FROM conversations WHERE id = ?", [conversation_id])
            )
            messages = list(
                self._db.query(
                    "SELECT * FROM messages WHERE conversation_id = ? ORDER BY id",
                    [conversation_id],
                )
            )
            context = self._contexts.get(conversation_id)
            steering = self._steering.get(conversation_id)
            read = self._attachments.added_to(
                conversation_id, [self._reader.message(message) for message in messages]
            )
        if not rows:
            return None
        row = rows[0]
        places = {message["id"]: place for place, message in enumerate(messages)}
        conversation = self._reader.conversation(row)
        summary = context.summary
        until = places.get(summary.until_id) if summary else None
        last = len(messages) - 1 if messages else None
        return CarriedConversation(
            conversation.title,
            conversation.created_at,
            conversation.updated_at,
            tuple(
                _message(message, row, places) for message, row in zip(read, messages, strict=True)
            ),
            places.get(row["current_leaf_id"], last),
            context.policy,
            CarriedSummary(summary.text, until) if summary and until is not None else None,
            _more(row, CONVERSATION_COLUMNS),
            _steering(steering),
            conversation.folder_id,
        )

    # In

    def add(
        self,
        source: str,
        conversations: Iterable[CarriedConversation],
        added: Callable[[int], None],
        library: CarriedLibrary = NO_LIBRARY,
    ) -> ImportRecord:
        """Store the conversations as one import, all of them or, where anything raises, none.

        Args:
            source: What they were read from.
            conversations: Read one by one within the transaction.
            added: Called with the number of conversations so far.
            library: Folders and personas that come with them.
        """
        with write_transaction(self._db):
            now = self._clock()
            import_id = self._db.execute(
                "INSERT INTO imports (source, created_at) VALUES (?, ?)",
                [storable_text(source), time_column(now)],
            ).lastrowid
            assert import_id is not None
            folders = self.library.add(import_id, library)
            writer = ConversationWriter(self._db, folders, self._attachments, self._steering)
            for number, conversation in enumerate(conversations, start=1):
                writer.write(import_id, conversation)
                added(number)
            self._db.execute(
                "UPDATE imports SET n_conversations = ?, n_messages = ?,"
                " last_message_id = (SELECT max(id) FROM messages) WHERE id = ?",
                [writer.n_conversations, writer.n_messages, import_id],
            )
        return ImportRecord(import_id, source, now, writer.n_conversations, writer.n_messages)

    def last_import(self) -> ImportRecord | None:
        """The newest import of which there is still a conversation outside the bin."""
        row = self._db.execute(
            "SELECT id, source, created_at, n_conversations, n_messages FROM imports WHERE id ="
            " (SELECT max(import_id) FROM conversations WHERE deleted_at IS NULL)"
        ).fetchone()
        if row is None:
            return None
        created = parse_time(row[2]) or self._clock()
        return ImportRecord(row[0], str(row[1]), created, row[3] or 0, row[4] or 0)

    def undo_import(self, import_id: int) -> UndoneImport:
        """Move what was imported to the bin, except conversations that have gone on since."""
        with write_transaction(self._db):
            moved = self._db.execute(
                "UPDATE conversations SET deleted_at = ? WHERE import_id = ?"
                " AND deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM messages, imports"
                " WHERE imports.id = conversations.import_id"
                " AND messages.conversation_id = conversations.id"
                " AND messages.id > imports.last_message_id) RETURNING id",
                [time_column(self._clock()), import_id],
            ).fetchall()
            self.library.undo(import_id)
            # What stays belongs to the reader from now on.
            n_kept = self._db.execute(
                "UPDATE conversations SET import_id = NULL WHERE import_id = ?"
                " AND deleted_at IS NULL",
                [import_id],
            ).rowcount
        return UndoneImport(import_id, frozenset(row[0] for row in moved), n_kept)


def _message(message: Message, row: Mapping[str, Any], places: Mapping[int, int]) -> CarriedMessage:
    return CarriedMessage(
        _parent(message, places),
        message.role,
        message.content,
        message.thinking,
        message.status,
        message.created_at,
        message.model,
        message.stats,
        _unseen(message.unseen, places),
        _more(row, MESSAGE_COLUMNS),
        message.attachments,
    )


def _steering(steering: Steering) -> CarriedSteering | None:
    if steering == Steering(policy=steering.policy):
        return None
    return CarriedSteering(
        steering.system_prompt,
        str(steering.model) if steering.model else "",
        steering.sampling,
        steering.thinking,
        steering.thinking_budget,
    )


def _parent(message: Message, places: Mapping[int, int]) -> int | None:
    """The place above; a link that leads nowhere or forwards is replaced by the message before."""
    own = places[message.id]
    if message.parent_id is None:
        return None
    place = places.get(message.parent_id, own)
    if place < own:
        return place
    return own - 1 if own else None


def _unseen(unseen: Unseen | None, places: Mapping[int, int]) -> CarriedUnseen | None:
    place = places.get(unseen.until_id) if unseen else None
    return CarriedUnseen(place, unseen.summarised) if unseen and place is not None else None


def _more(row: Mapping[str, Any], named: frozenset[str]) -> More:
    """What was set in the columns that have no field of their own; nothing, 0 and "" were not."""
    return {
        column: row[column]
        for column in carried_columns(row.keys(), named)
        if row[column] and isinstance(row[column], str | int | float)
    }
