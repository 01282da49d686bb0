from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.domain.conversations import Message, Role, Status
from app.services.chat_events import Activity, Phase, TurnFailed
from app.services.notices import Notice
from app.views.turn_notices import Way, activity_words, turn_notice

IDLE = Activity(1, Phase.IDLE)


def message(role: Role, status: Status = Status.COMPLETE) -> Message:
    return Message(1, 1, None, role, "text", "", status, datetime(2026, 11, 20, tzinfo=UTC))


def failed(*, model_error: bool = False) -> TurnFailed:
    return TurnFailed("r", 1, Notice("It failed"), model_error)


@pytest.mark.parametrize(
    ("status", "ways"),
    [
        (Status.COMPLETE, None),
        (Status.STREAMING, None),
        (Status.STOPPED, (Way.CONTINUE,)),
        (Status.INTERRUPTED, (Way.CONTINUE,)),
        (Status.LENGTH, (Way.CONTINUE,)),
    ],
)
def test_answers_that_were_cut_off_can_go_on(status: Status, ways: object) -> None:
    found = turn_notice(message(Role.ASSISTANT, status), IDLE, None)
    assert (found.ways if found else None) == ways


def test_question_without_an_answer() -> None:
    found = turn_notice(message(Role.USER), IDLE, None)
    assert found is not None
    assert found.ways == (Way.ANSWER, Way.EDIT)


def test_nothing_is_said_while_an_answer_is_on_its_way() -> None:
    assert turn_notice(message(Role.USER), Activity(1, Phase.READING), None) is None
    assert turn_notice(None, IDLE, None) is None


def test_failures_say_what_can_be_done() -> None:
    asked = turn_notice(message(Role.USER), IDLE, failed(model_error=True))
    assert asked is not None
    assert asked.error
    assert asked.ways == (Way.RETRY, Way.CHOOSE_MODEL, Way.EDIT)
    broken = turn_notice(message(Role.ASSISTANT, Status.INTERRUPTED), IDLE, failed())
    assert broken is not None
    assert broken.ways == (Way.CONTINUE,)
    busy = turn_notice(message(Role.USER), Activity(1, Phase.ANSWERING), failed())
    assert busy is not None
    assert busy.ways == ()


@pytest.mark.parametrize(
    ("activity", "words"),
    [
        (IDLE, ""),
        (Activity(1, Phase.LOADING, 0.434), "Loading the model, 43 %"),
        (Activity(1, Phase.READING), "Reading…"),
        (Activity(1, Phase.READING, 0.5), "Reading, 50 %"),
    ],
)
def test_activity_in_words(activity: Activity, words: str) -> None:
    assert activity_words(activity) == words
