"""Every question and change to the conversations, in the words of the domain.

A change is one transaction, committed when the method returns. Used on the store's thread only;
errors of SQLite pass through and are translated there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from app.domain.conversations import Conversation, Message, ReplyStats, Role, Status
from app.errors import StoreError, StoreMissing
from app.store.arrangement import Arrangement
from app.store.attachments import Attachments, Drafts
from app.store.branches import branch_to
from app.store.contexts import Contexts
from app.store.draft_files import DraftFiles
from app.store.edits import Edits
from app.store.leaves import show_branch_of
from app.store.personas import Personas
from app.store.rows import RowReader, stats_column, storable_text, time_column
from app.store.search import Search
from app.store.settings import JsonValue, Settings
from app.store.steering import SteeringRows
from app.store.transactions import write_transaction
from app.store.transfers import Transfers
from app.store.tree import MessageTree
from app.store.writers import Writer

if TYPE_CHECKING:
    from app.store.connection import Database


def _now() -> datetime:
    return datetime.now(UTC)


class Repository:
    """Conversations, their messages, and the settings."""

    def __init__(self, db: Database, clock: Callable[[], datetime] = _now) -> None:
        self._db = db
        self._clock = clock
        self._reader = RowReader()
        self._settings = Settings(db)
        self.contexts = Contexts(db)
        self.transfers = Transfers(db, clock, self._reader, self.contexts)
        self.search = Search(db)
        self.arrangement = Arrangement(db)
        self.tree = MessageTree(db, clock)
        self.steering = SteeringRows(db, self.contexts)
        self.personas = Personas(db)
        self.attachments = Attachments(db)
        self.drafts = Drafts(db)
        self.draft_files = DraftFiles(db)
        self.edits = Edits(db)

    @cached_property
    def _writer(self) -> Writer:
        return Writer.current()

    def transaction(self) -> AbstractContextManager[None]:
        """Make several changes one: all are committed at the end, or none."""
        return write_transaction(self._db)

    # Conversations

    def conversations(self) -> list[Conversation]:
        """Those not in the bin, newest updated first."""
        rows = self._db.query(
            "SELECT id, title, created_at, updated_at, pinned, folder_id, unread"
            " FROM conversations WHERE deleted_at IS NULL"
        )
        found = [self._reader.conversation(row) for row in rows]
        return sorted(found, key=lambda c: (c.updated_at, c.id), reverse=True)

    def create_conversation(self, title: str) -> Conversation:
        """A new one, without messages."""
        now = time_column(self._clock())
        with self.transaction():
            cursor = self._db.execute(
                "INSERT INTO conversations (title, created_at, updated_at) VALUES (?, ?, ?)",
                [storable_text(title), now, now],
            )
        row = self._rows("SELECT * FROM conversations WHERE id = ?", [cursor.lastrowid])[0]
        return self._reader.conversation(row)

    def rename_conversation(self, conversation_id: int, title: str) -> None:
        """Give it another title; its place in the list stays."""
        self._change_conversation(
            conversation_id, "title_origin = 'typed', title = ?", storable_text(title)
        )

    def delete_conversation(self, conversation_id: int) -> None:
        """Move it to the bin, which keeps it for 30 days from now."""
        self._change_conversation(conversation_id, "deleted_at = ?", time_column(self._clock()))

    def restore_conversation(self, conversation_id: int) -> None:
        """Take it out of the bin."""
        self._change_conversation(conversation_id, "deleted_at = ?", None)

    # Messages

    def messages(self, conversation_id: int) -> list[Message]:
        """From the root to the current leaf."""
        with self._db.atomic():
            leaf = self._rows(
                "SELECT current_leaf_id FROM conversations WHERE id = ?", [conversation_id]
            )
            links = self._db.execute(
                "SELECT id, parent_id FROM messages WHERE conversation_id = ?", [conversation_id]
            ).fetchall()
            branch = branch_to(leaf[0]["current_leaf_id"] if leaf else None, dict(links))
            rows = self._rows(
                "SELECT * FROM messages WHERE id IN (SELECT value FROM json_each(?))",
                [json.dumps(branch.ids)],
            )
            read = self.attachments.added_to(conversation_id, [*map(self._reader.message, rows)])
        for message_id in branch.mended:
            self._reader.report("message", message_id, "place in the tree", dict(links)[message_id])
        found = {message.id: message for message in read}
        return [found[message_id] for message_id in branch.ids]

    def show_branch_of(self, message_id: int) -> None:
        """Let its conversation show a branch with this message; see `leaves`."""
        show_branch_of(self._db, message_id)

    def add_user_message(
        self, conversation_id: int, content: str, *, parent_id: int | None
    ) -> Message:
        """Store what a person sent; it becomes the leaf.

        Raises:
            StoreMissing: The conversation or the parent is no longer there.
        """
        with self.transaction():
            self._require_place(conversation_id, parent_id)
            cursor = self._db.execute(
                "INSERT INTO messages"
                " (conversation_id, parent_id, role, status, created_at, content)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                [
                    conversation_id,
                    parent_id,
                    Role.USER,
                    Status.COMPLETE,
                    time_column(self._clock()),
                    storable_text(content),
                ],
            )
            return self._as_leaf(conversation_id, cursor.lastrowid)

    def begin_reply(self, conversation_id: int, *, parent_id: int, model: str) -> Message:
        """An empty answer that this process is about to write; it becomes the leaf.

        Raises:
            StoreMissing: The conversation or the parent is no longer there.
        """
        with self.transaction():
            self._require_place(conversation_id, parent_id)
            cursor = self._db.execute(
                "INSERT INTO messages (conversation_id, parent_id, role, status, created_at, model,"
                " writer_pid, writer_started) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    conversation_id,
                    parent_id,
                    Role.ASSISTANT,
                    Status.STREAMING,
                    time_column(self._clock()),
                    storable_text(model),
                    self._writer.pid,
                    self._writer.started,
                ],
            )
            return self._as_leaf(conversation_id, cursor.lastrowid)

    def resume_reply(self, message_id: int) -> Message:
        """Make a cut-off answer streaming again, with its text kept, to go on with it.

        What it was given without is forgotten: the engine says anew what it does not see.

        Raises:
            StoreError: It is not cut off (any more): another process may be writing it.
        """
        with self.transaction():
            status = self._message(message_id).status
            if not status.can_continue:
                raise StoreError(
                    "This answer cannot be continued",
                    f"message {message_id} is {status}",
                    "Open the conversation again: another window or terminal may have changed it.",
                )
            self._change_message(
                message_id,
                "status = ?, writer_pid = ?, writer_started = ?,"
                " unseen_until_id = NULL, unseen_summarised = NULL",
                [Status.STREAMING, self._writer.pid, self._writer.started],
            )
            return self._message(message_id)

    def save_reply(self, message_id: int, content: str, thinking: str, thought_ms: int = 0) -> None:
        """Store the whole text so far, and how long the model has thought; 0: not known yet."""
        with self.transaction():
            self._change_message(
                message_id,
                "content = ?, thinking = ?, thought_ms = coalesce(?, thought_ms)",
                [storable_text(content), storable_text(thinking), thought_ms or None],
            )

    def finish_reply(
        self,
        message_id: int,
        content: str,
        thinking: str,
        status: Status,
        stats: ReplyStats | None,
        thought_ms: int = 0,
    ) -> Message:
        """Store the whole text and how it ended; `stats` None keeps what was known before."""
        if status is Status.STREAMING:
            raise ValueError("a finished reply cannot be streaming")
        with self.transaction():
            self._change_message(
                message_id,
                "content = ?, thinking = ?, status = ?, stats = coalesce(?, stats),"
                " thought_ms = coalesce(?, thought_ms), writer_pid = NULL, writer_started = NULL",
                [
                    storable_text(content),
                    storable_text(thinking),
                    status,
                    stats_column(stats),
                    thought_ms or None,
                ],
            )
            message = self._message(message_id)
            self._touch(message.conversation_id)
            return message

    def discard_reply(self, message_id: int) -> None:
        """Remove an answer that never began; the leaf goes back to its parent.

        Raises:
            ValueError: It has text or is answered.
        """
        with self.transaction():
            message = self._message(message_id)
            answered = self._rows("SELECT 1 FROM messages WHERE parent_id = ?", [message_id])
            if message.content or message.thinking or answered:
                raise ValueError(f"message {message_id} is not an empty last reply")
            self._db.execute(
                "UPDATE conversations SET current_leaf_id ="
                " (SELECT parent_id FROM messages WHERE id = :id) WHERE current_leaf_id = :id",
                {"id": message_id},
            )
            self._db.execute("DELETE FROM messages WHERE id = ?", [message_id])

    # Settings

    def setting(self, key: str) -> JsonValue:
        """The value under the key; None where there is none."""
        return self._settings.get(key)

    def set_setting(self, key: str, value: JsonValue) -> None:
        """Put a JSON value under the key."""
        self._settings.set(key, value)

    # What the above share

    def _rows(self, sql: str, parameters: Sequence[object]) -> list[dict[str, Any]]:
        return list(self._db.query(sql, parameters))

    def _message(self, message_id: int | None) -> Message:
        rows = self._rows("SELECT * FROM messages WHERE id = ?", [message_id])
        if not rows:
            raise _missing("message", message_id)
        return self._reader.message(rows[0])

    def _require_place(self, conversation_id: int, parent_id: int | None) -> None:
        if not self._rows("SELECT 1 FROM conversations WHERE id = ?", [conversation_id]):
            raise _missing("conversation", conversation_id)
        if parent_id is not None and not self._rows(
            "SELECT 1 FROM messages WHERE id = ? AND conversation_id = ?",
            [parent_id, conversation_id],
        ):
            raise _missing("message", parent_id)

    def _as_leaf(self, conversation_id: int, message_id: int | None) -> Message:
        self._db.execute(
            "UPDATE conversations SET current_leaf_id = ? WHERE id = ?",
            [message_id, conversation_id],
        )
        self._touch(conversation_id)
        return self._message(message_id)

    def _touch(self, conversation_id: int) -> None:
        self._db.execute(
            "UPDATE conversations SET updated_at = ? WHERE id = ?",
            [time_column(self._clock()), conversation_id],
        )

    def _change_conversation(self, conversation_id: int, assignment: str, value: object) -> None:
        with self.transaction():
            changed = self._db.execute(
                f"UPDATE conversations SET {assignment} WHERE id = ?", [value, conversation_id]
            ).rowcount
            if not changed:
                raise _missing("conversation", conversation_id)

    def _change_message(self, message_id: int, assignments: str, values: Sequence[object]) -> None:
        changed = self._db.execute(
            f"UPDATE messages SET {assignments} WHERE id = ?", [*values, message_id]
        ).rowcount
        if not changed:
            raise _missing("message", message_id)


def _missing(kind: str, row_id: int | None) -> StoreMissing:
    return StoreMissing(
        f"This {kind} is no longer there",
        f"{kind} {row_id} was not found in the database",
        "Another window or terminal may have removed it. Open the list of conversations again.",
    )
