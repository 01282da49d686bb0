"""A message in words for those who cannot see it: who wrote it, what it says, how it stands."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.domain.conversations import Message, Role, Status
from app.item_models.transcript import TranscriptModel, attached_words, author
from app.markdown import clean
from app.views.transcript.copying import message_text
from app.views.transcript.footer_words import footer_text
from app.views.transcript.thought_words import thought_words

MAX_PARSED = 100_000
"""A longer answer is told as it was written: to take its marks away would hold the window up."""


def spoken_name(message: Message) -> str:
    """Whose message it is."""
    if message.role is not Role.ASSISTANT:
        return author(message)
    words = QCoreApplication.translate("Transcript", "Answer of {model}")
    return words.format(model=author(message))


def spoken_text(message: Message, *, with_thinking: bool) -> str:
    """What a reader sees of a message: its thinking where that is open, its text, its files."""
    parts = [clean(message.thinking)] if with_thinking and message.thinking else []
    parts.append(_own_text(message))
    parts.append(attached_words(message).strip())
    return "\n\n".join(part for part in parts if part)


def _own_text(message: Message) -> str:
    if len(message.content) > MAX_PARSED:
        return clean(message.content)
    return "".join(message_text(message))


def spoken_state(model: TranscriptModel, row: int) -> str:
    """What else is shown with a message: thinking, how it ended, what the model does not see."""
    message = model.message_at(row)
    horizon = model.horizon_at(row)
    parts = (
        thought_words(message.thought_ms) if message.thinking else "",
        footer_text(message) if message.role is Role.ASSISTANT else "",
        _version(message, model),
        horizon.words if horizon else "",
    )
    return ". ".join(part for part in parts if part and part != "…")


def _version(message: Message, model: TranscriptModel) -> str:
    versions = model.versions_of(message.id)
    if len(versions) < 2 or message.id not in versions:
        return ""
    words = QCoreApplication.translate("Transcript", "Version {position} of {count}")
    return words.format(position=versions.index(message.id) + 1, count=len(versions))


def ending_words(message: Message) -> str:
    """What is announced when an answer ends."""
    match message.status:
        case Status.COMPLETE:
            return QCoreApplication.translate("Transcript", "The answer is complete.")
        case Status.LENGTH:
            return QCoreApplication.translate("Transcript", "The answer was cut at its limit.")
        case Status.STOPPED:
            return QCoreApplication.translate("Transcript", "The answer was stopped.")
        case _:
            return QCoreApplication.translate("Transcript", "The answer was interrupted.")
