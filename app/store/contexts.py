"""Of each conversation: what happens when the context is full, its summary, what answers missed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.domain.context import ConversationContext, StoredSummary, Unseen
from app.store.rows import storable_text
from app.store.transactions import write_transaction
from inference.engine import ContextPolicy

if TYPE_CHECKING:
    from app.store.connection import Database

_log = logging.getLogger(__name__)


class Contexts:
    """The columns and the table of contexts. Reading is tolerant, as with all rows."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._told: set[int] = set()

    def get(self, conversation_id: int) -> ConversationContext:
        """What is known of a conversation; of an unknown one the defaults."""
        row = self._db.execute(
            "SELECT c.context_policy, s.content, s.until_id FROM conversations c"
            " LEFT JOIN summaries s ON s.conversation_id = c.id WHERE c.id = ?",
            [conversation_id],
        ).fetchone()
        if row is None:
            return ConversationContext()
        policy, text, until_id = row
        is_summary = isinstance(text, str) and isinstance(until_id, int)
        summary = StoredSummary(text, until_id) if is_summary else None
        return ConversationContext(self._policy(conversation_id, policy), summary)

    def _policy(self, conversation_id: int, value: object) -> ContextPolicy:
        try:
            return ContextPolicy(str(value))
        except ValueError:
            if conversation_id not in self._told:
                self._told.add(conversation_id)
                _log.warning(
                    "conversation %s has a bad context policy: %.80r", conversation_id, value
                )
            return ContextPolicy.DROP_OLDEST

    def set_policy(self, conversation_id: int, policy: ContextPolicy) -> None:
        """Choose what happens when the context is full."""
        with write_transaction(self._db):
            self._db.execute(
                "UPDATE conversations SET context_policy = ? WHERE id = ?",
                [policy, conversation_id],
            )

    def set_summary(self, conversation_id: int, summary: StoredSummary) -> None:
        """Let this be the summary of the conversation's beginning.

        Where its last message or the conversation is gone by now, there is nothing to keep.
        """
        with write_transaction(self._db):
            self._db.execute(
                "INSERT INTO summaries (conversation_id, until_id, content)"
                " SELECT conversation_id, id, ? FROM messages WHERE id = ? AND conversation_id = ?"
                " ON CONFLICT (conversation_id) DO UPDATE"
                " SET until_id = excluded.until_id, content = excluded.content",
                [storable_text(summary.text), summary.until_id, conversation_id],
            )

    def edit_summary(self, conversation_id: int, text: str) -> None:
        """Put other words in the place of the summary's, if there is one."""
        with write_transaction(self._db):
            self._db.execute(
                "UPDATE summaries SET content = ? WHERE conversation_id = ?",
                [storable_text(text), conversation_id],
            )

    def remove_summary(self, conversation_id: int) -> None:
        """Undo the summary. No other is written unasked: the oldest turns are left out instead."""
        with write_transaction(self._db):
            self._db.execute("DELETE FROM summaries WHERE conversation_id = ?", [conversation_id])
            self._db.execute(
                "UPDATE conversations SET context_policy = ? WHERE id = ? AND context_policy = ?",
                [ContextPolicy.DROP_OLDEST, conversation_id, ContextPolicy.SUMMARISE],
            )

    def set_unseen(self, message_id: int, unseen: Unseen | None) -> None:
        """Remember what an answer is given without."""
        until_id = unseen.until_id if unseen else None
        summarised = unseen.summarised if unseen else None
        with write_transaction(self._db):
            self._db.execute(
                "UPDATE messages SET unseen_until_id = ?, unseen_summarised = ? WHERE id = ?",
                [until_id, summarised, message_id],
            )
