from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.domain.conversations import Conversation
from app.domain.folders import Folder, Placed
from app.item_models.conversation_list import ConversationListModel, FolderRenamed

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GARDEN, WORK = Folder(1, "Garden"), Folder(2, "Work")


def talk(number: int, **state: object) -> Conversation:
    moment = NOON - timedelta(minutes=number)
    return replace(Conversation(number, f"C{number}", moment, moment), **state)  # type: ignore[arg-type]


@pytest.fixture
def model(qtbot: QtBot) -> ConversationListModel:
    made = ConversationListModel(lambda: NOON)
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    made.set_folders([GARDEN, WORK])
    made.set_conversations(
        [talk(1), talk(2, pinned=True, folder_id=1), talk(3, folder_id=1), talk(4, folder_id=9)]
    )
    return made


def texts(model: ConversationListModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


def roles(model: ConversationListModel, role: int) -> list[object]:
    return [
        model.index(row).data() for row in range(model.rowCount()) if model.index(row).data(role)
    ]


def test_pinned_then_folders_then_days(model: ConversationListModel) -> None:
    # What lies in a folder that is not there stands among the days.
    assert texts(model) == ["Pinned", "C2", "Folders", "Garden", "C3", "Work", "Today", "C1", "C4"]
    assert roles(model, model.INDENTED_ROLE) == ["C3"]


def test_a_collapsed_folder_shows_only_that_there_is_news(model: ConversationListModel) -> None:
    model.set_conversations([talk(1), talk(3, folder_id=1, unread=True)])
    assert roles(model, model.UNREAD_ROLE) == ["C3"]
    model.set_folders([replace(GARDEN, collapsed=True), WORK])
    assert texts(model) == ["Folders", "Garden", "Work", "Today", "C1"]
    assert roles(model, model.UNREAD_ROLE) == ["Garden"]
    assert model.conversation(3) is not None
    spoken = model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Folder: Garden, 1 conversations, collapsed"


def test_a_folders_name_is_typed(model: ConversationListModel, qtbot: QtBot) -> None:
    index = model.index(model.row_of_folder(2))
    with qtbot.waitSignal(model.folder_renamed) as heard:
        assert model.setData(index, " Office ")
    assert heard.args == [FolderRenamed(2, "Office")]
    assert not model.setData(index, None)
    assert not model.setData(model.index(0), "Pins")


@pytest.mark.parametrize(
    ("dragged", "onto", "placed"),
    [
        (1, "Garden", Placed(1, 1, False)),
        (1, "C3", Placed(1, 1, False)),
        (1, "Pinned", Placed(1, None, True)),
        (3, "C2", Placed(3, 1, True)),
        (3, "Today", Placed(3, None, False)),
        (3, "C1", Placed(3, None, False)),
        (2, "Work", Placed(2, 2, False)),
        (3, None, Placed(3, None, False)),
        (1, "C4", None),
        (3, "Garden", None),
    ],
)
def test_dropping(
    model: ConversationListModel, dragged: int, onto: str | None, placed: Placed | None
) -> None:
    heard: list[Placed] = []
    model.placed.connect(heard.append)
    data = model.mimeData([model.index(model.row_of(dragged))])
    parent = QModelIndex() if onto is None else model.index(texts(model).index(onto))
    move = Qt.DropAction.MoveAction
    assert model.canDropMimeData(data, move, -1, -1, parent)
    model.dropMimeData(data, move, -1, -1, parent)
    assert heard == ([] if placed is None else [placed])


@pytest.mark.parametrize("content", [b"", b"x", b"99", b"\xff", "\u0663".encode()])
def test_something_else_cannot_be_dropped(model: ConversationListModel, content: bytes) -> None:
    data = QMimeData()
    data.setData(model.mimeTypes()[0], content)
    heard: Sequence[Placed] = []
    model.placed.connect(heard.append)  # type: ignore[attr-defined]
    assert not model.canDropMimeData(data, Qt.DropAction.MoveAction, -1, -1, model.index(2))
    assert not model.dropMimeData(data, Qt.DropAction.MoveAction, -1, -1, model.index(2))
    assert heard == []
