"""What a conversation remembers about a context that does not hold all of it."""

from __future__ import annotations

from dataclasses import dataclass

from inference.engine import ContextPolicy


@dataclass(frozen=True, slots=True)
class StoredSummary:
    """The model reads `text` in place of the messages from the first one to `until_id`."""

    text: str
    until_id: int


@dataclass(frozen=True, slots=True)
class ConversationContext:
    """What happens when the context is full, and the summary that stands for its beginning."""

    policy: ContextPolicy = ContextPolicy.DROP_OLDEST
    summary: StoredSummary | None = None


@dataclass(frozen=True, slots=True)
class Unseen:
    """What an answer was given without: the messages from the first one to `until_id`.

    Args:
        until_id: The last of them.
        summarised: A summary stood in their place.
    """

    until_id: int
    summarised: bool = False
