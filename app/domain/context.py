"""What a conversation remembers about a context that does not hold all of it."""

from __future__ import annotations

from msgspec import Struct

from inference.engine import ContextPolicy


class StoredSummary(Struct, frozen=True):
    """The model reads `text` in place of the messages from the first one to `until_id`."""

    text: str
    until_id: int


class ConversationContext(Struct, frozen=True):
    """What happens when the context is full, and the summary that stands for its beginning."""

    policy: ContextPolicy = ContextPolicy.DROP_OLDEST
    summary: StoredSummary | None = None


class Unseen(Struct, frozen=True):
    """What an answer was given without: the messages from the first one to `until_id`.

    Args:
        until_id: The last of them.
        summarised: A summary stood in their place.
    """

    until_id: int
    summarised: bool = False
