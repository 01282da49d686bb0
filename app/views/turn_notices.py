"""What is said under a conversation about its last message, and which ways on there are."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from PySide6.QtCore import QCoreApplication

from app.domain.conversations import Message, Role, Status
from app.services.chat_events import Activity, Phase, TurnFailed
from app.services.notices import Notice


class Way(StrEnum):
    """A way on."""

    CONTINUE = "continue"
    RETRY = "retry"
    ANSWER = "answer"
    EDIT = "edit"
    CHOOSE_MODEL = "choose model"
    CANCEL_EDIT = "cancel edit"


def way_words(way: Way) -> str:
    """What stands on the button of a way on."""
    return {
        Way.CONTINUE: QCoreApplication.translate("TurnNotices", "Continue"),
        Way.RETRY: QCoreApplication.translate("TurnNotices", "Try again"),
        Way.ANSWER: QCoreApplication.translate("TurnNotices", "Answer it"),
        Way.EDIT: QCoreApplication.translate("TurnNotices", "Edit"),
        Way.CHOOSE_MODEL: QCoreApplication.translate("TurnNotices", "Choose another model"),
        Way.CANCEL_EDIT: QCoreApplication.translate("TurnNotices", "Cancel"),
    }[way]


class TurnNotice(Struct, frozen=True):
    """A notice with its ways on; `error` where something failed."""

    notice: Notice
    ways: tuple[Way, ...]
    error: bool = False


def _cut_off_words(status: Status) -> str:
    """Why an answer is not whole; "" where it is."""
    match status:
        case Status.INTERRUPTED:
            return QCoreApplication.translate("TurnNotices", "The answer was interrupted.")
        case Status.STOPPED:
            return QCoreApplication.translate("TurnNotices", "You stopped this answer.")
        case Status.LENGTH:
            return QCoreApplication.translate(
                "TurnNotices", "The answer reached its longest length."
            )
    return ""


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
        words = QCoreApplication.translate("TurnNotices", "This message has no answer yet.")
        return TurnNotice(Notice(words), (Way.ANSWER, Way.EDIT))
    words = _cut_off_words(last.status)
    return TurnNotice(Notice(words), (Way.CONTINUE,)) if words else None


def activity_words(activity: Activity) -> str:
    """What the conversation is doing, as a person reads it; empty once words come."""
    return _phase_words(activity).format(percent=f"{activity.fraction * 100:.0f}")


def _phase_words(activity: Activity) -> str:
    match activity.phase:
        case Phase.WAITING:
            return QCoreApplication.translate(
                "TurnNotices", "Waiting for the answer in another conversation…"
            )
        case Phase.LOADING:
            return QCoreApplication.translate("TurnNotices", "Loading the model, {percent} %")
        case Phase.SUMMARISING:
            return QCoreApplication.translate(
                "TurnNotices",
                "The context is full: summarising the oldest messages, {percent} %",
            )
        case Phase.READING if activity.fraction > 0:
            return QCoreApplication.translate("TurnNotices", "Reading, {percent} %")
        case Phase.READING:
            return QCoreApplication.translate("TurnNotices", "Reading…")
        case Phase.ANSWERING:
            return QCoreApplication.translate("TurnNotices", "Answering… Esc stops")
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
