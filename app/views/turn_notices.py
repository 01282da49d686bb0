"""What is said under a conversation about its last message, and which ways on there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from app.domain.conversations import Message, Role, Status
from app.services.chat_events import Activity, Phase, TurnFailed
from app.services.notices import Notice


class Way(StrEnum):
    """A way on; the value is the button's text."""

    CONTINUE = "Continue"
    RETRY = "Try again"
    ANSWER = "Answer it"
    EDIT = "Edit"
    CHOOSE_MODEL = "Choose another model"
    CANCEL_EDIT = "Cancel"


@dataclass(frozen=True, slots=True)
class TurnNotice:
    """A notice with its ways on; `error` where something failed."""

    notice: Notice
    ways: tuple[Way, ...]
    error: bool = False


_CUT_OFF = {
    Status.INTERRUPTED: "The answer was interrupted.",
    Status.STOPPED: "You stopped this answer.",
    Status.LENGTH: "The answer reached its longest length.",
}


def editing_notice(message: Message) -> TurnNotice:
    """What is said while a message is being edited."""
    if message.role is Role.ASSISTANT:
        words = QCoreApplication.translate(
            "TurnNotices", "You edit an answer. It stays as it was, too, as another version."
        )
    else:
        words = QCoreApplication.translate(
            "TurnNotices", "You edit a message. It stays as it was, too, as another version."
        )
    return TurnNotice(Notice(words), (Way.CANCEL_EDIT,))


def turn_notice(
    last: Message | None, activity: Activity, failure: TurnFailed | None
) -> TurnNotice | None:
    """The notice of a conversation, None where all is well."""
    busy = activity.phase is not Phase.IDLE
    if failure is not None:
        ways = () if busy else _ways_after_failure(last, failure)
        return TurnNotice(failure.notice, ways, error=True)
    if busy or last is None:
        return None
    if last.role is Role.USER:
        return TurnNotice(Notice("This message has no answer yet."), (Way.ANSWER, Way.EDIT))
    if last.status in _CUT_OFF:
        return TurnNotice(Notice(_CUT_OFF[last.status]), (Way.CONTINUE,))
    return None


def activity_words(activity: Activity) -> str:
    """What the conversation is doing, as a person reads it; empty once words come."""
    percent = f"{activity.fraction * 100:.0f} %"
    match activity.phase:
        case Phase.WAITING:
            return "Waiting for the answer in another conversation…"
        case Phase.LOADING:
            return f"Loading the model, {percent}"
        case Phase.SUMMARISING:
            return f"The context is full: summarising the oldest messages, {percent}"
        case Phase.READING:
            return f"Reading, {percent}" if activity.fraction > 0 else "Reading…"
        case Phase.ANSWERING:
            return "Answering… Esc stops"
    return ""


def _ways_after_failure(last: Message | None, failure: TurnFailed) -> tuple[Way, ...]:
    choose = (Way.CHOOSE_MODEL,) if failure.model_error else ()
    if last is None:
        return choose
    if last.role is Role.USER:
        return (Way.RETRY, *choose, Way.EDIT)
    if last.status.can_continue:
        return (Way.CONTINUE, *choose)
    return choose
