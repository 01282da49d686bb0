"""Writes imported conversations to their tables.

Columns that are not named here are carried by their names, so that what other parts remember of a
conversation travels with it. Links to other tables are not: their rows stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.conversations import Status
from app.domain.steering import Steering
from app.domain.transfer import CarriedConversation, CarriedMessage, More
from app.store.attachments import Attachments
from app.store.rows import stats_column, storable_text, time_column
from app.store.steering import SteeringRows

if TYPE_CHECKING:
    from app.store.connection import Database

CONVERSATION_COLUMNS = frozenset(
    (
        *("id", "title", "created_at", "updated_at", "deleted_at"),
        *("current_leaf_id", "context_policy", "import_id"),
    )
)
MESSAGE_COLUMNS = frozenset(
    (
        *("id", "conversation_id", "parent_id", "role", "status", "model", "created_at"),
        *("writer_pid", "writer_started", "stats", "content", "thinking"),
        *("unseen_until_id", "unseen_summarised"),
    )
)
_LINK = "_id"
"""Columns whose names end so point at rows, whose numbers mean nothing elsewhere."""


def carried_columns(columns: Iterable[str], named: frozenset[str]) -> frozenset[str]:
    """The columns that are carried by their names."""
    return frozenset(
        column for column in columns if column not in named and not column.endswith(_LINK)
    )


class ConversationWriter:
    """Writes conversations, within a transaction of its owner's, and counts them.

    Args:
        folders: The rows of the folders, by the numbers that conversations name them by.
    """

    def __init__(
        self,
        db: Database,
        folders: Mapping[int, int],
        attachments: Attachments,
        steering: SteeringRows,
    ) -> None:
        self._db = db
        self._folders = folders
        self._attachments = attachments
        self._steering = steering
        self._more_of_conversations = self._carried("conversations", CONVERSATION_COLUMNS)
        self._more_of_messages = self._carried("messages", MESSAGE_COLUMNS)
        self.n_conversations = 0
        self.n_messages = 0

    def write(self, import_id: int, conversation: CarriedConversation) -> None:
        """Insert a conversation and its messages."""
        conversation_id = self._insert(
            "conversations",
            {
                "title": storable_text(conversation.title),
                # Somebody has given it already; the model is not to find another.
                "title_origin": "typed",
                "created_at": time_column(conversation.created_at),
                "updated_at": time_column(conversation.updated_at),
                "context_policy": conversation.policy.value,
                "import_id": import_id,
                "folder_id": self._folder_id(conversation),
                **_known(conversation.more, self._more_of_conversations),
            },
        )
        ids: list[int] = []
        for message in conversation.messages:
            parent_id = ids[message.parent] if message.parent is not None else None
            ids.append(self._insert("messages", self._row(conversation_id, parent_id, message)))
            if message.attachments:
                self._attachments.put(ids[-1], message.attachments)
        self._link(conversation_id, conversation, ids)
        self._steer(conversation_id, conversation)
        self.n_conversations += 1
        self.n_messages += len(ids)

    def _row(
        self, conversation_id: int, parent_id: int | None, message: CarriedMessage
    ) -> dict[str, object]:
        # Nobody is writing it here.
        streaming = message.status is Status.STREAMING
        return {
            "conversation_id": conversation_id,
            "parent_id": parent_id,
            "role": message.role.value,
            "status": (Status.INTERRUPTED if streaming else message.status).value,
            "model": storable_text(message.model),
            "created_at": time_column(message.created_at),
            "stats": stats_column(message.stats),
            "content": storable_text(message.content),
            "thinking": storable_text(message.thinking),
            **_known(message.more, self._more_of_messages),
        }

    def _link(
        self, conversation_id: int, conversation: CarriedConversation, ids: list[int]
    ) -> None:
        """What names messages can be written only when all of them have ids."""
        for place, message in enumerate(conversation.messages):
            if message.unseen is not None:
                self._db.conn.execute(
                    "UPDATE messages SET unseen_until_id = ?, unseen_summarised = ? WHERE id = ?",
                    [ids[message.unseen.until], message.unseen.summarised, ids[place]],
                )
        if conversation.current is not None:
            self._db.conn.execute(
                "UPDATE conversations SET current_leaf_id = ? WHERE id = ?",
                [ids[conversation.current], conversation_id],
            )
        summary = conversation.summary
        if summary is not None:
            self._insert(
                "summaries",
                {
                    "conversation_id": conversation_id,
                    "until_id": ids[summary.until],
                    "content": storable_text(summary.text),
                },
            )

    def _folder_id(self, conversation: CarriedConversation) -> int | None:
        return None if conversation.folder is None else self._folders.get(conversation.folder)

    def _steer(self, conversation_id: int, conversation: CarriedConversation) -> None:
        said = conversation.steering
        if said is not None:
            steering = Steering(
                said.system_prompt,
                Path(said.model) if said.model else None,
                said.sampling,
                said.thinking,
                said.thinking_budget,
                conversation.policy,
            )
            self._steering.set(conversation_id, steering)

    def _insert(self, table: str, values: Mapping[str, object]) -> int:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        cursor = self._db.conn.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values())
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def _carried(self, table: str, named: frozenset[str]) -> frozenset[str]:
        rows = self._db.execute(f"PRAGMA table_info({table})").fetchall()
        return carried_columns((row[1] for row in rows), named)


def _known(more: More, columns: frozenset[str]) -> dict[str, object]:
    return {
        column: storable_text(value) if isinstance(value, str) else value
        for column, value in more.items()
        if column in columns
    }
