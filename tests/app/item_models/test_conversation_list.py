from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from app.domain.conversations import Conversation
from app.item_models.conversation_list import ConversationListModel, Renamed

ZONE = timezone(timedelta(hours=2))
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZONE)


class Clock:
    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def conversation(number: int, updated: datetime, title: str = "") -> Conversation:
    return Conversation(number, title or f"C{number}", updated, updated.astimezone(UTC))


def texts(model: ConversationListModel) -> list[str]:
    return [model.index(row).data() for row in range(model.rowCount())]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model(qtbot: QtBot, clock: Clock) -> ConversationListModel:
    made = ConversationListModel(clock)
    tester = QAbstractItemModelTester.FailureReportingMode.Fatal
    QAbstractItemModelTester(made, tester, made)
    return made


def test_groups_by_local_day(model: ConversationListModel) -> None:
    model.set_conversations(
        [
            conversation(1, NOON),
            # 23:30 UTC of the day before is 01:30 of today at +02:00.
            conversation(2, datetime(2026, 11, 19, 23, 30, tzinfo=UTC)),
            conversation(3, NOON - timedelta(days=1)),
            conversation(4, NOON - timedelta(days=2)),
            conversation(5, NOON - timedelta(days=6)),
            conversation(6, NOON - timedelta(days=7)),
            conversation(7, NOON - timedelta(days=29)),
            conversation(8, NOON - timedelta(days=30)),
            conversation(9, NOON - timedelta(days=200)),
            # 23:30 UTC of the last day of 2025 is 01:30 of 2026 at +02:00.
            conversation(10, datetime(2025, 12, 31, 23, 30, tzinfo=UTC)),
            conversation(11, datetime(2025, 12, 31, 21, 30, tzinfo=UTC)),
            conversation(12, datetime(2024, 2, 1, tzinfo=UTC)),
        ]
    )
    days = ["Today", "C1", "C2", "Yesterday", "C3"]
    periods = ["Last 7 days", "C4", "C5", "Last 30 days", "C6", "C7", "Earlier", "C8", "C9", "C10"]
    assert texts(model) == [*days, *periods, "2025", "C11", "2024", "C12"]


def test_empty_groups_have_no_heading(model: ConversationListModel) -> None:
    model.set_conversations([conversation(1, NOON - timedelta(days=5))])
    assert texts(model) == ["Last 7 days", "C1"]
    model.set_conversations([])
    assert texts(model) == []


def test_clock_that_runs_ahead_is_today(model: ConversationListModel) -> None:
    model.set_conversations([conversation(1, NOON + timedelta(days=3))])
    assert texts(model) == ["Today", "C1"]


def test_groups_roll_over_at_midnight(model: ConversationListModel, clock: Clock) -> None:
    model.set_conversations([conversation(1, NOON), conversation(2, NOON - timedelta(days=1))])
    clock.now = NOON + timedelta(hours=13)
    model.regroup()
    assert texts(model) == ["Yesterday", "C1", "Last 7 days", "C2"]


def test_midnight_is_awaited(model: ConversationListModel, clock: Clock) -> None:
    clock.now = datetime(2026, 11, 20, 23, 59, 30, tzinfo=ZONE)
    model.regroup()
    # Half a minute to midnight and one second into the new day.
    assert 31_000 <= model._midnight.interval() <= 31_001


def test_rows_that_stay_keep_their_indexes(model: ConversationListModel) -> None:
    old = NOON - timedelta(days=3)
    model.set_conversations([conversation(1, NOON), conversation(2, old), conversation(3, old)])
    third = QPersistentModelIndex(model.index(model.row_of(3)))
    # 3 is written to, 1 is deleted, 4 is new.
    model.set_conversations([conversation(4, NOON), conversation(3, NOON), conversation(2, old)])
    assert texts(model) == ["Today", "C4", "C3", "Last 7 days", "C2"]
    assert third.row() == 2
    assert third.data() == "C3"


def test_new_title_is_shown(model: ConversationListModel, qtbot: QtBot) -> None:
    model.set_conversations([conversation(1, NOON), conversation(2, NOON)])
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.set_conversations([conversation(1, NOON), conversation(2, NOON, "Other")])
    assert changed.args[0].row() == 2
    assert texts(model) == ["Today", "C1", "Other"]


def test_headings_cannot_be_selected(model: ConversationListModel) -> None:
    model.set_conversations([conversation(1, NOON)])
    assert model.flags(model.index(0)) == Qt.ItemFlag.ItemIsDropEnabled
    assert model.flags(model.index(1)) & Qt.ItemFlag.ItemIsEditable
    assert model.conversation_at(model.index(0)) is None
    assert model.conversation_at(QModelIndex()) is None


def test_typed_title_goes_out(model: ConversationListModel, qtbot: QtBot) -> None:
    model.set_conversations([conversation(7, NOON)])
    with qtbot.waitSignal(model.renamed) as renamed:
        assert model.setData(model.index(1), "  Better ")
    assert renamed.args == [Renamed(7, "Better")]
    with qtbot.assertNotEmitted(model.renamed):
        assert not model.setData(model.index(1), "   ")
        assert not model.setData(model.index(0), "Heading")


def test_busy_conversations_say_so(model: ConversationListModel) -> None:
    model.set_conversations([conversation(1, NOON)])
    model.set_busy(1, True)
    assert model.index(1).data(model.BUSY_ROLE) is True
    accessible = Qt.ItemDataRole.AccessibleTextRole
    assert model.index(1).data(accessible) == "Conversation: C1, answering"
    model.set_busy(1, False)
    assert model.index(1).data(model.BUSY_ROLE) is False
    assert model.index(1).data(accessible) == "Conversation: C1"
