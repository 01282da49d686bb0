"""An answer is told while it comes, no faster than it can be spoken, and only to who listens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.domain.conversations import Message, Role, Status
from app.item_models.transcript import TranscriptModel
from app.views.transcript.announcer import CHARS_PER_S, Announcer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUESTION = Message(1, 1, None, Role.USER, "Why?", "", Status.COMPLETE, NOW)
ANSWER = Message(2, 1, 1, Role.ASSISTANT, "", "", Status.STREAMING, NOW)


@pytest.fixture
def active() -> Iterator[None]:
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


@pytest.fixture
def model() -> TranscriptModel:
    model = TranscriptModel()
    model.reset([QUESTION, ANSWER])
    return model


@pytest.fixture
def heard(qtbot: QtBot, model: TranscriptModel) -> list[tuple[float, str]]:
    """When and what."""
    view = QWidget()
    qtbot.addWidget(view)
    announcer = Announcer(model, view)
    heard: list[tuple[float, str]] = []
    announcer.told.connect(lambda words: heard.append((time.monotonic(), words)))
    return heard


def words(heard: list[tuple[float, str]]) -> list[str]:
    return [each for _when, each in heard]


@pytest.mark.usefixtures("active")
def test_sentences_are_told_as_they_become_whole_and_then_the_end(
    qtbot: QtBot, model: TranscriptModel, heard: list[tuple[float, str]]
) -> None:
    began = time.monotonic()
    for token in ("First ", "sentence, of forty letters in", " all. And", " the"):
        model.append_delta(2, token, "")
    model.append_delta(2, "", "Thinking is not told. ")
    qtbot.waitUntil(lambda: len(heard) == 1)
    model.replace(replace(ANSWER, content="as it was", status=Status.STOPPED))
    qtbot.waitUntil(lambda: len(heard) == 3, timeout=10_000)
    assert words(heard) == [
        "First sentence, of forty letters in all.",
        "And the",
        "The answer was stopped.",
    ]
    # Not at every token, and no faster than speech; timers may be five per cent early.
    assert heard[0][0] - began >= 0.95
    assert heard[1][0] - heard[0][0] >= 0.95 * len(heard[0][1]) / CHARS_PER_S


@pytest.mark.usefixtures("active")
def test_who_asks_anew_or_goes_elsewhere_hears_no_more(
    qtbot: QtBot, model: TranscriptModel, heard: list[tuple[float, str]]
) -> None:
    model.append_delta(2, "One sentence. ", "")
    model.append(replace(QUESTION, id=3, parent_id=2))
    model.append_delta(2, "Another. ", "")
    model.reset([])
    qtbot.wait(1200)
    assert heard == []


def test_nobody_is_told_where_nobody_listens(
    qtbot: QtBot, model: TranscriptModel, heard: list[tuple[float, str]]
) -> None:
    QAccessible.setActive(False)
    model.append_delta(2, "One sentence. ", "")
    model.replace(replace(ANSWER, content="One sentence. ", status=Status.COMPLETE))
    qtbot.wait(1200)
    assert heard == []
