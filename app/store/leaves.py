"""Which branch of a conversation is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.store.branches import branch_to
from app.store.transactions import write_transaction
from app.store.tree import newest_leaf

if TYPE_CHECKING:
    from app.store.connection import Database


def show_branch_of(db: Database, message_id: int) -> None:
    """Let the conversation of a message show a branch on which the message is.

    Nothing changes where it is on the shown one, where it is gone, or while an answer is written.
    """
    with write_transaction(db):
        row = db.execute(
            "SELECT c.id, c.current_leaf_id, leaf.status FROM messages m"
            " JOIN conversations c ON c.id = m.conversation_id"
            " LEFT JOIN messages leaf ON leaf.id = c.current_leaf_id WHERE m.id = ?",
            [message_id],
        ).fetchone()
        if row is None or row[2] == "streaming":
            return
        conversation_id, leaf_id, _status = row
        parents = dict(
            db.execute(
                "SELECT id, parent_id FROM messages WHERE conversation_id = ?", [conversation_id]
            ).fetchall()
        )
        if message_id not in branch_to(leaf_id, parents).ids:
            db.execute(
                "UPDATE conversations SET current_leaf_id = ? WHERE id = ?",
                [newest_leaf(message_id, parents), conversation_id],
            )
