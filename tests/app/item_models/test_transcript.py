"""The transcript's item model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.domain.conversations import Message, Role, Status
from app.item_models.transcript import TranscriptModel


def message(message_id: int, role: Role = Role.ASSISTANT, content: str = "text") -> Message:
    return Message(
        id=message_id,
        conversation_id=1,
        parent_id=message_id - 1 or None,
        role=role,
        content=content,
        thinking="",
        status=Status.COMPLETE,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        model="Tiny 1B" if role is Role.ASSISTANT else "",
    )


@pytest.fixture
def model(qtbot: QtBot) -> Iterator[TranscriptModel]:
    model = TranscriptModel()
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    yield model
    tester.deleteLater()


def test_holds_what_it_was_given(model: TranscriptModel) -> None:
    messages = [message(1, Role.USER, "hi"), message(2, content="hello")]
    model.reset(messages)
    assert model.rowCount() == 2
    assert model.rowCount(model.index(0)) == 0
    assert [model.message_at(row) for row in range(2)] == messages
    assert model.data(model.index(1), TranscriptModel.MESSAGE_ROLE) == messages[1]
    assert model.data(model.index(1)) == "hello"
    assert model.data(QModelIndex()) is None
    assert model.data(model.index(0), Qt.ItemDataRole.DecorationRole) is None


def test_says_who_speaks(model: TranscriptModel) -> None:
    model.reset([message(1, Role.USER, "hi"), message(2, content="hello")])
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(0), role) == "You: hi"
    assert model.data(model.index(1), role) == "Tiny 1B: hello"


def test_deltas_are_announced_and_joined(model: TranscriptModel, qtbot: QtBot) -> None:
    model.reset([message(7, content="a")])
    heard: list[tuple[int, str, str]] = []
    model.delta_appended.connect(lambda *args: heard.append(args))
    model.append_delta(7, "b", "")
    model.append_delta(7, "", "hm")
    model.append_delta(99, "x", "x")
    assert heard == [(0, "b", ""), (0, "", "hm")]
    assert (model.message_at(0).content, model.message_at(0).thinking) == ("ab", "hm")


def test_append_replace_remove(model: TranscriptModel, qtbot: QtBot) -> None:
    model.reset([message(1)])
    model.append(message(2))
    model.append(message(3))
    model.append_delta(2, "lost by replace", "")
    with qtbot.waitSignal(model.dataChanged):
        model.replace(message(2, content="new"))
    model.replace(message(99))
    assert model.message_at(1).content == "new"
    model.remove(2)
    model.remove(2)
    assert [model.message_at(row).id for row in range(model.rowCount())] == [1, 3]
    model.append_delta(3, "!", "")
    assert model.message_at(1).content == "text!"
    assert model.row_of(3) == 1
    assert model.row_of(2) is None
