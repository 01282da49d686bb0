"""An answer that ends while nobody looks is told, if that is wished."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain import settings
from app.services.notices import Notice
from app.views import attention
from inference.engine import TextDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, Wait, WaitFor, finished


def told(driver: Driver, qtbot: QtBot, engine: FakeEngine, *, looking: bool) -> list[Notice]:
    """What is told of an answer that comes while the window is looked at or hidden."""
    notices: list[Notice] = []
    driver.window.attention.notified.connect(notices.append)
    engine.answers(TextDelta("At\nlast."), Wait(0.1), finished())
    driver.window.activateWindow()
    qtbot.waitUntil(driver.window.isActiveWindow)
    driver.type("Slowly?")
    driver.enter()
    if not looking:
        driver.window.hide()
    driver.wait_text("At\nlast.")
    driver.wait_idle()
    driver.window.show()
    return notices


@pytest.fixture
def any_answer_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "LONG_ANSWER_S", 0.0)


@pytest.mark.usefixtures("any_answer_is_long")
def test_the_end_of_an_answer_is_told_behind_the_readers_back(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    notices = told(driver, qtbot, engine, looking=False)
    assert notices == [Notice("The answer is there", "At last.")]


@pytest.mark.usefixtures("any_answer_is_long")
def test_who_looks_is_not_told(qtbot: QtBot, driver: Driver, engine: FakeEngine) -> None:
    assert told(driver, qtbot, engine, looking=True) == []


@pytest.mark.usefixtures("any_answer_is_long")
def test_who_looks_at_a_dialog_of_the_window_is_not_told(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    notices: list[Notice] = []
    driver.window.attention.notified.connect(notices.append)
    gate = threading.Event()
    engine.answers(TextDelta("At last."), WaitFor(gate), finished())
    driver.type("Slowly?")
    driver.enter()
    driver.wait_text("At last.")
    driver.window.show_shortcuts()
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    gate.set()
    driver.wait_idle()
    assert notices == []
    dialog.close()


def test_a_short_answer_is_not_told(qtbot: QtBot, driver: Driver, engine: FakeEngine) -> None:
    assert told(driver, qtbot, engine, looking=False) == []


@pytest.mark.usefixtures("any_answer_is_long")
def test_who_does_not_want_it_is_not_told(qtbot: QtBot, driver: Driver, engine: FakeEngine) -> None:
    driver.window.settings.open()
    qtbot.waitUntil(lambda: driver.window.settings.dialog is not None)
    dialog = driver.window.settings.dialog
    assert dialog is not None
    assert (dialog.attention.notifies.currentText(), dialog.attention.in_tray.currentText()) == (
        "On",
        "Off",
    )
    qtbot.keyClick(dialog.attention.notifies, Qt.Key.Key_Down)
    with qtbot.waitSignal(driver.program.preferences.window_changed):
        driver.click(dialog.save_button)

    assert told(driver, qtbot, engine, looking=False) == []
    store = driver.program._store
    kept = store.submit(lambda repository: repository.setting(settings.NOTIFIES)).result(5)
    assert kept is False
