"""What the chat service tells: payloads of its signals."""

from __future__ import annotations

from concurrent.futures import Future
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from app.domain.attachments import Attachment
from app.services.model_files import model_name
from app.services.notices import Notice
from inference.engine import ExpertCounts, ModelParams


class ModelChoice(Struct, frozen=True):
    """The model that answers and the name that stands under its answers."""

    name: str
    params: ModelParams


def plain_model(path: Path) -> Future[ModelChoice]:
    """The model of a file with nothing set."""
    found: Future[ModelChoice] = Future()
    found.set_result(ModelChoice(model_name(path), ModelParams(path)))
    return found


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


class Activity(Struct, frozen=True):
    """What a conversation is doing; `fraction` is from 0 to 1 until it answers."""

    conversation_id: int
    phase: Phase
    fraction: float = 0.0


class ReplyChunk(Struct, frozen=True):
    """More of an answer."""

    request_id: str
    conversation_id: int
    message_id: int
    text: str
    thinking: str


class ExpertsUsed(Struct, frozen=True):
    """Which experts an answer has picked so far."""

    conversation_id: int
    counts: ExpertCounts


class SendFailed(Struct, frozen=True):
    """A question was not stored; its text and files go back to the person."""

    request_id: str
    conversation_id: int | None
    text: str
    notice: Notice
    attachments: tuple[Attachment, ...] = ()


class TurnFailed(Struct, frozen=True):
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


def no_words(request_id: str, conversation_id: int) -> TurnFailed:
    """An answer that ended as it began."""
    notice = Notice(
        "The model ended its answer before the first word",
        "",
        "Try again, or ask in other words.",
    )
    return TurnFailed(request_id, conversation_id, notice)
