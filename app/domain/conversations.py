"""Conversations and their messages."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from app.domain.attachments import Attachment
from app.domain.context import Unseen


class Role(StrEnum):
    """Who wrote a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class Status(StrEnum):
    """How far a message has come."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    """Being generated now by the process that owns the row."""
    STOPPED = "stopped"
    """The reader stopped it."""
    INTERRUPTED = "interrupted"
    """The program or the engine ended before the answer did."""
    LENGTH = "length"
    """It reached the token limit or the end of the context."""

    @property
    def can_continue(self) -> bool:
        """Whether the answer was cut off and more can be generated after it."""
        return self in (Status.STOPPED, Status.INTERRUPTED, Status.LENGTH)


class ReplyStats(Struct, frozen=True):
    """What an answer cost. Counts in tokens; a continued answer adds up its parts.

    Args:
        n_used: Tokens that the context held at its end.
        n_ctx: Tokens that the context can hold; 0 where it is not known.
        seed: What the random numbers came from, of the last part; None where it is not known.
        sampling: How the tokens of the last part were drawn, by llama.cpp's names and values.
        tokens_of_pictures: How many of `tokens_in` stand for pictures.
    """

    tokens_in: int
    tokens_out: int
    tokens_reused: int
    prefill_ms: float
    decode_ms: float
    n_used: int = 0
    n_ctx: int = 0
    seed: int | None = None
    sampling: str = ""
    tokens_of_pictures: int = 0

    @property
    def tokens_evaluated(self) -> int:
        """Tokens of the prompt that had to be evaluated."""
        return self.tokens_in - self.tokens_reused

    @property
    def prefill_tokens_per_second(self) -> float:
        """Prefill speed; 0 where nothing was measured."""
        return self.tokens_evaluated / self.prefill_ms * 1000 if self.prefill_ms > 0 else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Decode speed; 0 where nothing was measured."""
        return self.tokens_out / self.decode_ms * 1000 if self.decode_ms > 0 else 0.0


class Message(Struct, frozen=True):
    """One message as it is stored; `parent_id` None starts the conversation."""

    id: int
    conversation_id: int
    parent_id: int | None
    role: Role
    content: str
    thinking: str
    status: Status
    created_at: datetime
    model: str = ""
    """Display name of the model that wrote it, empty for people."""
    stats: ReplyStats | None = None
    unseen: Unseen | None = None
    """What of the conversation it was given without."""
    thought_ms: int = 0
    """How long the model has thought before it answered; 0 where it is not known."""
    attachments: tuple[Attachment, ...] = ()
    """Files that were sent with it."""


class Conversation(Struct, frozen=True):
    """One conversation as the list shows it. Times are aware and in UTC."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    pinned: bool = False
    folder_id: int | None = None
    unread: bool = False
    """An answer has ended while another conversation was on the screen."""
