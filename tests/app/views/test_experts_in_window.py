"""The panel of experts, beside an answer of a scripted mixture."""

from __future__ import annotations

import threading

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.views import theme
from inference.engine import ExpertCounts, TextDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, WaitFor, finished

# Two experts for each token: 10 picks in each layer for 5 tokens, 20 for 10.
HALF = ExpertCounts(4, 2, (1, 2), ((2, 2, 3, 3), (5, 5, 0, 0)))
WHOLE = ExpertCounts(4, 2, (1, 2), ((2, 8, 5, 5), (10, 10, 0, 0)), is_final=True)


def toggle(qtbot: QtBot, driver: Driver) -> None:
    driver.window.activateWindow()
    qtbot.waitUntil(driver.window.isActiveWindow)
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(driver.window, Qt.Key.Key_E, modifiers)


def test_nothing_is_recorded_while_the_panel_is_closed(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    assert not driver.window.experts.isVisible()
    driver.ask("First?")
    toggle(qtbot, driver)
    driver.ask("Second?")
    toggle(qtbot, driver)
    driver.ask("Third?")

    assert [one.record_experts for one in engine.generate_requests] == [False, True, False]


def test_the_map_grows_with_the_answer_and_tells_of_its_cells(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    go_on = threading.Event()
    engine.answers(TextDelta("A"), HALF, WaitFor(go_on), TextDelta("B"), WHOLE, finished())
    panel = driver.window.experts
    toggle(qtbot, driver)
    assert panel.isVisible()
    driver.type("Who answers?")
    driver.enter()

    qtbot.waitUntil(lambda: "2 of 4 experts" in panel.summary.text())
    qtbot.mouseMove(panel.map, panel.map.centre_of(1, 0))
    qtbot.waitUntil(lambda: panel.told.text() == "Layer 2, expert 0: 100.0% of 5 tokens")
    go_on.set()
    qtbot.waitUntil(lambda: panel.told.text() == "Layer 2, expert 0: 100.0% of 10 tokens")

    panel.map.setFocus()
    qtbot.keyClick(panel.map, Qt.Key.Key_Up)
    qtbot.keyClick(panel.map, Qt.Key.Key_Right)
    # 8 of 10 tokens.
    assert panel.told.text() == "Layer 1, expert 1: 80.0% of 10 tokens"
    assert panel.map.accessibleDescription() == panel.told.text()


def test_an_expert_that_was_picked_most_has_the_strongest_colour(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    engine.answers(TextDelta("A"), WHOLE, finished())
    toggle(qtbot, driver)
    driver.ask("Who answers?")
    panel = driver.window.experts

    picture = panel.map.grab().toImage()
    colours = [picture.pixelColor(panel.map.centre_of(0, expert)) for expert in range(4)]

    assert colours[1] == theme.current().color("accent")
    assert colours[2] == colours[3] != colours[1]
    assert len({colour.name() for colour in colours}) == 3
