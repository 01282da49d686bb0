"""What the chat service tells: payloads of its signals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.services.notices import Notice
from inference.engine import ExpertCounts, ModelParams


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The model that answers and the name that stands under its answers."""

    name: str
    params: ModelParams


class Phase(StrEnum):
    """What a conversation is doing."""

    IDLE = "idle"
    WAITING = "waiting"
    """Another conversation's answer comes first."""
    LOADING = "loading"
    SUMMARISING = "summarising"
    """The oldest messages become a summary, since the context is full."""
    READING = "reading"
    """The prompt is being evaluated."""
    ANSWERING = "answering"


@dataclass(frozen=True, slots=True)
class Activity:
    """What a conversation is doing; `fraction` is from 0 to 1 until it answers."""

    conversation_id: int
    phase: Phase
    fraction: float = 0.0


@dataclass(frozen=True, slots=True)
class ReplyChunk:
    """More of an answer."""

    request_id: str
    conversation_id: int
    message_id: int
    text: str
    thinking: str


@dataclass(frozen=True, slots=True)
class ExpertsUsed:
    """Which experts an answer has picked so far."""

    conversation_id: int
    counts: ExpertCounts


@dataclass(frozen=True, slots=True)
class SendFailed:
    """A question was not stored; its text goes back to the person."""

    request_id: str
    conversation_id: int | None
    text: str
    notice: Notice


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """An answer did not come or broke off; another model may help with `model_error`."""

    request_id: str
    conversation_id: int
    notice: Notice
    model_error: bool = False


def summary_notice(reason: str) -> Notice:
    """Why the oldest messages were left out without a summary."""
    return Notice(
        "The oldest messages could not be summarised",
        f"The model answers without them: {reason}.",
        "Another model or a longer context may help.",
    )


def no_model(request_id: str, conversation_id: int) -> TurnFailed:
    """A question for which there is no model."""
    notice = Notice(
        "No model is chosen",
        "Your message is kept.",
        "Choose a model at the top of the window, then try again.",
    )
    return TurnFailed(request_id, conversation_id, notice, model_error=True)


def no_words(request_id: str, conversation_id: int) -> TurnFailed:
    """An answer that ended as it began."""
    notice = Notice(
        "The model ended its answer before the first word",
        "",
        "Try again, or ask in other words.",
    )
    return TurnFailed(request_id, conversation_id, notice)
