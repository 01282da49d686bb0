"""Tuning from the menu of models, as a person does it."""

from __future__ import annotations

from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from inference.engine import BenchRequest
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, UntilCancelled


def tune_action(driver: Driver) -> QAction:
    """The menu's entry, as it is when the menu opens."""
    menu = driver.window.header.menu
    menu.aboutToShow.emit()
    [action] = [action for action in menu.actions() if action.text().startswith("Tune")]
    return action


def test_progress_stands_beside_the_model_and_can_be_stopped(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    engine.bench = lambda _asked: (UntilCancelled(),)
    header = driver.window.header
    assert not header.stop_tuning_button.isVisible()

    tune_action(driver).trigger()
    qtbot.waitUntil(lambda: header.stop_tuning_button.isVisible())
    qtbot.waitUntil(lambda: "batch 512" in header.state_label.text())

    assert header.state_label.text().startswith("Tuning ")
    assert not tune_action(driver).isEnabled()
    driver.click(header.stop_tuning_button)
    qtbot.waitUntil(lambda: header.state_label.text() == "Ready")
    assert not header.stop_tuning_button.isVisible()
    assert tune_action(driver).isEnabled()


def test_a_message_is_answered_between_two_measurements(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    tune_action(driver).trigger()
    qtbot.waitUntil(lambda: any(isinstance(one, BenchRequest) for one in engine.requests))

    driver.ask("Hello?")

    assert driver.texts == ["Hello?", "Hello."]
    qtbot.waitUntil(lambda: driver.window.notice.notice is not None, timeout=30_000)
    assert driver.window.notice.notice.title == "Small-Q4 is tuned"
