"""The line in the transcript, the summary behind it, and how full the context is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.domain.context import StoredSummary
from app.views.summary_dialog import SummaryDialog
from app.views.transcript.horizon_piece import HorizonPiece
from inference.engine import ContextPolicy, MessagesUnseen, Summary, TextDelta
from inference.errors import ContextFull
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, finished

PLAIN = "The model no longer sees the messages above"
SUMMARISED = "The model has read a summary of the messages above"


def horizon(driver: Driver) -> tuple[HorizonPiece, QPointF] | None:
    """The line in sight, and a point in the middle of its words."""
    view = driver.page.transcript
    middle = view.viewport().width() / 2
    for y in range(0, view.viewport().height(), 4):
        spot = view.sight.spot_at(QPointF(middle, y))
        if spot is not None and isinstance(spot.entry.piece, HorizonPiece):
            corner = QPointF(view.sight.offset_of(spot))
            return spot.entry.piece, corner + spot.entry.piece.words_rect().center()
    return None


@pytest.fixture
def summarised(driver: Driver, engine: FakeEngine) -> Driver:
    """A conversation whose first turn has become a summary."""
    driver.ask("one")
    engine.answers(
        MessagesUnseen(0, 1, 9, ContextPolicy.SUMMARISE, Summary("They met.", 2), is_new=True),
        TextDelta("Two."),
        replace(finished(), n_used=1500),
    )
    driver.ask("two")
    return driver


def open_dialog(driver: Driver) -> SummaryDialog:
    found = horizon(driver)
    assert found is not None
    QTest.mouseClick(
        driver.page.transcript.viewport(), Qt.MouseButton.LeftButton, pos=found[1].toPoint()
    )
    driver.qtbot.waitUntil(lambda: bool(driver.window.findChildren(SummaryDialog)))
    return driver.window.findChildren(SummaryDialog)[0]


def stored_summary(driver: Driver) -> StoredSummary | None:
    conversation_id = driver.page.conversation_id
    with driver.qtbot.waitSignal(driver.window._services.conversations.context_read) as read:
        driver.window._services.conversations.read_context(conversation_id)
    return read.args[0].context.summary


def test_the_line_stands_where_the_sight_ends_and_moves(driver, engine) -> None:
    driver.ask("one")
    assert horizon(driver) is None
    for last in (1, 1, 3):
        engine.answers(
            MessagesUnseen(0, last, 9, ContextPolicy.DROP_OLDEST), TextDelta("x"), finished()
        )
        driver.ask("more")
        model = driver.page.messages
        rows = [row for row in range(model.rowCount()) if model.horizon_at(row)]
        assert rows == [last]
        shown = horizon(driver)
        assert shown is not None
        assert shown[0].horizon.words == PLAIN
    engine.answers(TextDelta("all"), finished())
    driver.ask("in a longer context")
    assert horizon(driver) is None


def test_a_line_without_a_summary_opens_nothing(driver, engine) -> None:
    driver.ask("one")
    engine.answers(MessagesUnseen(0, 1, 9, ContextPolicy.DROP_OLDEST), TextDelta("x"), finished())
    driver.ask("two")
    piece, _point = horizon(driver)
    assert not piece.opens_at(piece.words_rect().center())


def test_the_summary_is_read_and_edited(summarised: Driver) -> None:
    found = horizon(summarised)
    assert found is not None
    assert found[0].horizon.words == SUMMARISED
    dialog = open_dialog(summarised)
    assert dialog.edit.toPlainText() == "They met."

    dialog.edit.setPlainText("  ")
    assert not dialog.save_button.isEnabled()
    dialog.edit.setPlainText("They met in May.")
    summarised.click(dialog.save_button)

    stored = stored_summary(summarised)
    assert stored is not None
    assert stored.text == "They met in May."


def test_the_summary_is_undone(summarised: Driver, engine: FakeEngine) -> None:
    summarised.click(open_dialog(summarised).remove_button)
    assert stored_summary(summarised) is None
    summarised.ask("three")
    assert engine.generate_requests[-1].summary is None


def test_the_header_shows_how_full_the_context_is(summarised: Driver, engine: FakeEngine) -> None:
    button = summarised.window.header.context_button
    assert button.text() == "1,500 of 2,048 tokens"
    assert button.isVisible()
    button.set_brief(True)
    assert button.text() == "73%"

    summarised.click(button)
    summarised.qtbot.waitUntil(lambda: bool(button.findChildren(QMenu)))
    [menu] = button.findChildren(QMenu)
    actions = {action.text(): action for action in menu.actions()}
    assert actions["Leave out the oldest messages"].isChecked()
    assert actions["Read the summary…"].isEnabled()
    actions["Stop and say so"].trigger()
    menu.close()
    summarised.ask("three")
    assert engine.generate_requests[-1].context_policy is ContextPolicy.STOP

    summarised.window.new_conversation()
    assert not button.isVisible()


def test_a_full_context_is_an_error_that_says_what_to_do(driver, engine) -> None:
    engine.answers(ContextFull("The context is full", "9,000 of 8,192", "Leave some out."))
    driver.type("hello")
    driver.enter()
    driver.qtbot.waitUntil(lambda: driver.notice == "The context is full")
    assert "Leave some out." in driver.page.notice.notice.hint


def test_a_failed_summary_is_told_in_the_window(driver, engine) -> None:
    driver.ask("one")
    engine.answers(
        MessagesUnseen(0, 1, 9, ContextPolicy.DROP_OLDEST, note="it broke"),
        TextDelta("x"),
        finished(),
    )
    driver.ask("two")
    assert driver.window.notice.notice is not None
    assert "it broke" in driver.window.notice.notice.detail
