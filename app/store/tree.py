"""The message tree of a conversation: versions side by side, and what is shown, removed, copied.

Messages with the same parent are versions of one another. Which of them is read follows from the
conversation's leaf alone: showing another one moves the leaf and changes no message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from app.domain.conversations import Role, Status
from app.errors import StoreError, StoreMissing
from app.store.rows import storable_text, time_column
from app.store.transactions import write_transaction

if TYPE_CHECKING:
    from app.store.connection import Database

Row = dict[str, Any]


class Removed(Struct, frozen=True):
    """Messages that were taken out of a conversation, with all that brings them back.

    Args:
        conversation_id: Where they were.
        leaf_id: The leaf before.
        messages: Their rows, parents first.
        summaries: Rows of summaries that went with them.
        attachments: Rows of their files.
        moved: Of each message that hung on one of them, its parent before.
    """

    conversation_id: int
    leaf_id: int | None
    messages: tuple[Row, ...]
    summaries: tuple[Row, ...]
    attachments: tuple[Row, ...]
    moved: Mapping[int, int]

    @property
    def count(self) -> int:
        """The number of messages."""
        return len(self.messages)


class MessageTree:
    """Questions and changes to the tree; each change is one transaction."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def versions(self, conversation_id: int) -> dict[int, tuple[int, ...]]:
        """Of each message that has other versions, the ids of all of them, oldest first."""
        groups: dict[int | None, list[int]] = {}
        for message_id, parent_id in self._links(conversation_id).items():
            groups.setdefault(parent_id, []).append(message_id)
        return {
            message_id: tuple(group)
            for group in groups.values()
            if len(group) > 1
            for message_id in group
        }

    def show(self, message_id: int) -> None:
        """Let the conversation end with what was written last below this message.

        Raises:
            StoreMissing: The message is no longer there.
        """
        with write_transaction(self._db):
            conversation_id = self._row(message_id)["conversation_id"]
            leaf_id = newest_leaf(message_id, self._links(conversation_id))
            self._set_leaf(conversation_id, leaf_id)

    def end_at(self, message_id: int) -> None:
        """Let the conversation end with this message; what follows stays as another branch.

        Raises:
            StoreMissing: The message is no longer there.
        """
        with write_transaction(self._db):
            self._set_leaf(self._row(message_id)["conversation_id"], message_id)

    def add_version(self, message_id: int, content: str) -> int:
        """Put an answer in other words beside the one of the model; gives its id.

        Raises:
            StoreMissing: The message is no longer there.
        """
        with write_transaction(self._db):
            row = self._row(message_id)
            changes = {
                "content": storable_text(content),
                "created_at": time_column(self._clock()),
                "stats": None,
            }
            new_id = self._insert("messages", _copied(row) | changes)
            self._set_leaf(row["conversation_id"], new_id)
            self._touch(row["conversation_id"])
            return new_id

    # Removing

    def remove(self, message_id: int) -> Removed:
        """Take a message out, a question with its answers; what followed moves up in its place.

        Raises:
            StoreMissing: The message is no longer there.
            StoreError: It is being written.
        """
        with write_transaction(self._db):
            row = self._row(message_id)
            rows = [row]
            if row["role"] == Role.USER:
                rows += self._rows("parent_id = ? AND role = ?", [message_id, Role.ASSISTANT])
            if any(each["status"] == Status.STREAMING for each in rows):
                raise StoreError(
                    "This message is still being written",
                    f"message {message_id} is streaming",
                    "Stop the answer first.",
                )
            return self._taken_out(rows, row["parent_id"])

    def _taken_out(self, rows: Sequence[Row], parent_id: int | None) -> Removed:
        conversation_id = rows[0]["conversation_id"]
        ids = {row["id"] for row in rows}
        links = self._links(conversation_id)
        moved = {
            child: parent for child, parent in links.items() if parent in ids and child not in ids
        }
        removed = Removed(
            conversation_id,
            self._leaf(conversation_id),
            tuple(rows),
            tuple(row for each in ids for row in self._summaries(each)),
            tuple(row for each in ids for row in self._attachments(each)),
            {child: parent for child, parent in moved.items() if parent is not None},
        )
        for child in moved:
            self._db.execute("UPDATE messages SET parent_id = ? WHERE id = ?", [parent_id, child])
        for row in reversed(rows):
            self._db.execute("DELETE FROM messages WHERE id = ?", [row["id"]])
        if removed.leaf_id in ids:
            left = self._links(conversation_id)
            self._set_leaf(conversation_id, newest_leaf(parent_id, left))
        return removed

    def restore(self, removed: Removed) -> None:
        """Put messages back where they were.

        Raises:
            StoreMissing: The conversation is no longer there.
        """
        with write_transaction(self._db):
            if not self._db.execute(
                "SELECT 1 FROM conversations WHERE id = ?", [removed.conversation_id]
            ).fetchone():
                raise _missing("conversation", removed.conversation_id)
            known = self._links(removed.conversation_id)
            for row in removed.messages:
                parent_id = row["parent_id"] if row["parent_id"] in known else None
                self._insert("messages", row | {"parent_id": parent_id})
                known[row["id"]] = parent_id
            for row in removed.summaries:
                self._insert("summaries", row, or_ignore=True)
            for row in removed.attachments:
                self._insert("attachments", row)
            for child, parent in removed.moved.items():
                self._db.execute("UPDATE messages SET parent_id = ? WHERE id = ?", [parent, child])
            if removed.leaf_id in known:
                self._set_leaf(removed.conversation_id, removed.leaf_id)

    # Copying

    def branch(self, message_id: int, title: str) -> int:
        """A new conversation with copies of all messages up to this one; gives its id.

        Raises:
            StoreMissing: The message is no longer there.
        """
        with write_transaction(self._db):
            path = self._path_to(self._row(message_id))
            conversation_id = self._copy_conversation(path[0]["conversation_id"], title)
            ids: dict[int, int] = {}
            for row in path:
                changes = {
                    "conversation_id": conversation_id,
                    "parent_id": ids.get(row["parent_id"]),
                    "unseen_until_id": ids.get(row["unseen_until_id"]),
                }
                ids[row["id"]] = self._insert("messages", _copied(row) | changes)
                for summary in self._summaries(row["id"]):
                    place = {"conversation_id": conversation_id, "until_id": ids[row["id"]]}
                    self._insert("summaries", summary | place)
                for attachment in self._attachments(row["id"]):
                    self._insert("attachments", attachment | {"message_id": ids[row["id"]]})
            self._set_leaf(conversation_id, ids[message_id])
            return conversation_id

    def _copy_conversation(self, conversation_id: int, title: str) -> int:
        rows = self._db.query("SELECT * FROM conversations WHERE id = ?", [conversation_id])
        now = time_column(self._clock())
        changes = {
            "title": storable_text(title),
            "created_at": now,
            "updated_at": now,
            "deleted_at": None,
            "current_leaf_id": None,
            "import_id": None,
        }
        return self._insert("conversations", _without_id(next(iter(rows))) | changes)

    def _path_to(self, row: Row) -> list[Row]:
        path = [row]
        seen = {row["id"]}
        while row["parent_id"] is not None and row["parent_id"] not in seen:
            row = self._row(row["parent_id"])
            seen.add(row["id"])
            path.insert(0, row)
        return path

    # What the above share

    def _links(self, conversation_id: int) -> dict[int, int | None]:
        """Of each message its parent, by ascending id."""
        return dict(
            self._db.execute(
                "SELECT id, parent_id FROM messages WHERE conversation_id = ? ORDER BY id",
                [conversation_id],
            ).fetchall()
        )

    def _rows(self, condition: str, values: Sequence[object]) -> list[Row]:
        return list(self._db.query(f"SELECT * FROM messages WHERE {condition}", values))

    def _row(self, message_id: int) -> Row:
        found = self._rows("id = ?", [message_id])
        if not found:
            raise _missing("message", message_id)
        return found[0]

    def _summaries(self, until_id: int) -> list[Row]:
        return list(self._db.query("SELECT * FROM summaries WHERE until_id = ?", [until_id]))

    def _attachments(self, message_id: int) -> list[Row]:
        return list(self._db.query("SELECT * FROM attachments WHERE message_id = ?", [message_id]))

    def _leaf(self, conversation_id: int) -> int | None:
        row = self._db.execute(
            "SELECT current_leaf_id FROM conversations WHERE id = ?", [conversation_id]
        ).fetchone()
        return row[0] if row else None

    def _set_leaf(self, conversation_id: int, leaf_id: int | None) -> None:
        self._db.execute(
            "UPDATE conversations SET current_leaf_id = ? WHERE id = ?", [leaf_id, conversation_id]
        )

    def _touch(self, conversation_id: int) -> None:
        self._db.execute(
            "UPDATE conversations SET updated_at = ? WHERE id = ?",
            [time_column(self._clock()), conversation_id],
        )

    def _insert(self, table: str, row: Row, *, or_ignore: bool = False) -> int:
        """Insert a row with whatever columns it has, those of later migrations included."""
        verb = "INSERT OR IGNORE" if or_ignore else "INSERT"
        marks = ", ".join("?" * len(row))
        cursor = self._db.execute(
            f"{verb} INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values())
        )
        return int(cursor.lastrowid or 0)


def newest_leaf(message_id: int | None, links: Mapping[int, int | None]) -> int | None:
    """The newest message without an answer below a message; that one itself where it has none.

    Args:
        message_id: None stands for the whole tree.
        links: Of each message its parent.
    """
    children: dict[int | None, list[int]] = {}
    for child, parent in links.items():
        children.setdefault(parent, []).append(child)
    found = message_id
    waiting = [message_id]
    seen: set[int | None] = set()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        below = children.get(current, ())
        waiting.extend(below)
        if not below and current is not None and (found in (None, message_id) or current > found):
            found = current
    return found


def _without_id(row: Row) -> Row:
    return {column: value for column, value in row.items() if column != "id"}


def _copied(row: Row) -> Row:
    """A row for a copy: nobody is writing it."""
    status = Status.INTERRUPTED if row["status"] == Status.STREAMING else row["status"]
    return _without_id(row) | {"status": status, "writer_pid": None, "writer_started": None}


def _missing(kind: str, row_id: int) -> StoreMissing:
    return StoreMissing(
        f"This {kind} is no longer there",
        f"{kind} {row_id} was not found in the database",
        "Another window or terminal may have removed it. Open the list of conversations again.",
    )
