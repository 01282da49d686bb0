"""Esc stops the answer wherever the focus is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QWidget

from app.domain.conversations import Status
from inference.engine import TextDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, UntilCancelled


def widget(driver: Driver, name: str) -> QWidget:
    window = driver.window
    return {
        "transcript": driver.page.transcript,
        "conversations": window.sidebar.list,
        "model": window.header.model_button,
        "new": window.header.sidebar_button,
    }[name]


@pytest.mark.parametrize("name", ["transcript", "conversations", "model", "new"])
def test_from_elsewhere(driver: Driver, engine: FakeEngine, name: str) -> None:
    engine.answers(TextDelta("Half"), UntilCancelled())
    driver.type("go")
    driver.enter()
    driver.wait_text("Half")
    focused = widget(driver, name)
    focused.setFocus()

    driver.qtbot.keyClick(focused, Qt.Key.Key_Escape)

    driver.wait_status(Status.STOPPED)
    assert driver.texts == ["go", "Half"]


def test_after_continue(driver: Driver, engine: FakeEngine) -> None:
    """The button that had the focus is gone then; what is typed goes to the composer."""
    engine.answers(TextDelta("Half"), UntilCancelled())
    driver.type("go")
    driver.enter()
    driver.wait_text("Half")
    driver.escape()
    driver.wait_status(Status.STOPPED)
    driver.qtbot.waitUntil(lambda: driver.page.notice.isVisible())
    [button] = driver.page.notice.buttons
    button.setFocus()
    engine.answers(TextDelta(" more"), UntilCancelled())

    driver.qtbot.keyClick(button, Qt.Key.Key_Space)

    driver.wait_text("Half more")
    assert driver.window.focusWidget() is driver.composer.edit
    driver.escape()
    driver.wait_status(Status.STOPPED)


def test_not_while_an_input_method_composes(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("Half"), UntilCancelled())
    driver.type("go")
    driver.enter()
    driver.wait_text("Half")
    edit = driver.composer.edit
    QCoreApplication.sendEvent(edit, QInputMethodEvent("ni", []))

    driver.escape()
    driver.qtbot.wait(100)

    assert driver.messages[-1].status is Status.STREAMING
    QCoreApplication.sendEvent(edit, QInputMethodEvent("", []))
    driver.escape()
    driver.wait_status(Status.STOPPED)
