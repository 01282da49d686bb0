"""Of each conversation: system prompt, model, sampling, thinking. The policy is `Contexts`'."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import fields

from app.domain.steering import Steering
from app.store.contexts import Contexts
from app.store.rows import storable_text
from app.store.transactions import write_transaction
from inference.engine import Sampling, Thinking

if TYPE_CHECKING:
    from app.store.connection import Database

T = TypeVar("T")

_log = logging.getLogger(__name__)


class SteeringRows:
    """The table of steering. Reading is tolerant, as with all rows."""

    def __init__(self, db: Database, contexts: Contexts) -> None:
        self._db = db
        self._contexts = contexts
        self._told: set[tuple[int, str]] = set()

    def get(self, conversation_id: int) -> Steering:
        """What is set for a conversation; of an unknown one the defaults."""
        policy = self._contexts.get(conversation_id).policy
        row = self._db.execute(
            "SELECT system_prompt, model, sampling, thinking, thinking_budget FROM steering"
            " WHERE conversation_id = ?",
            [conversation_id],
        ).fetchone()
        if row is None:
            return Steering(policy=policy)
        prompt, model, sampling, thinking, budget = row
        is_budget = isinstance(budget, int) and budget >= 0
        return Steering(
            system_prompt=prompt if isinstance(prompt, str) else "",
            model=Path(model) if isinstance(model, str) and model else None,
            sampling=self._read(conversation_id, "sampling", sampling, Sampling()),
            thinking=self._read(conversation_id, "thinking", json.dumps(thinking), Thinking.AUTO),
            thinking_budget=budget if is_budget else None,
            policy=policy,
        )

    def set(self, conversation_id: int, steering: Steering) -> None:
        """Set all of it. Where the conversation is gone by now, there is nothing to keep."""
        with write_transaction(self._db):
            self._contexts.set_policy(conversation_id, steering.policy)
            self._db.execute(
                "INSERT OR REPLACE INTO steering (conversation_id, system_prompt, model, sampling,"
                " thinking, thinking_budget) SELECT id, ?, ?, ?, ?, ? FROM conversations"
                " WHERE id = ?",
                [
                    storable_text(steering.system_prompt),
                    storable_text(str(steering.model)) if steering.model else None,
                    json.dumps(_changed(steering.sampling)),
                    steering.thinking,
                    steering.thinking_budget,
                    conversation_id,
                ],
            )

    def _read(self, conversation_id: int, column: str, value: object, default: T) -> T:
        """The value of a column that holds JSON."""
        import msgspec

        try:
            return msgspec.convert(json.loads(str(value)), type(default))
        except (ValueError, RecursionError, msgspec.ValidationError):
            if (conversation_id, column) not in self._told:
                self._told.add((conversation_id, column))
                _log.warning("conversation %s has a bad %s: %.80r", conversation_id, column, value)
            return default


def _changed(sampling: Sampling) -> dict[str, object]:
    """The fields that are set."""
    import msgspec

    default = Sampling()
    values = msgspec.to_builtins(sampling)
    return {
        item.name: values[item.name]
        for item in fields(Sampling)
        if getattr(sampling, item.name) != getattr(default, item.name)
    }
