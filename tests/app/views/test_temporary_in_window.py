"""A temporary conversation: nothing of it reaches the disk, and it asks before it is gone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from shiboken6 import isValid

from app.domain.conversations import Status
from app.side_windows import Temporary
from inference.engine import TextDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, UntilCancelled, WaitFor, finished

SECRET = "Xylophone-7431"


class Guest:
    """Uses the temporary window of a driven program."""

    def __init__(self, driver: Driver) -> None:
        self.qtbot = driver.qtbot
        driver.click(driver.window.sidebar.temporary_button)
        self.made: Temporary = driver.program.side_windows.temporary[-1]
        self.window = self.made.window
        self.page = self.window.page

    def write(self, text: str) -> None:
        self.qtbot.keyClicks(self.page.composer.edit, text)
        self.qtbot.keyClick(self.page.composer.edit, Qt.Key.Key_Return)

    def ask(self, text: str) -> None:
        count = self.page.messages.rowCount()
        self.write(text)
        self.qtbot.waitUntil(lambda: self.page.messages.rowCount() == count + 2)
        self.qtbot.waitUntil(lambda: not self.made.services.chat.is_busy(self.page.conversation_id))

    def question(self) -> QMessageBox:
        return self.window.findChildren(QMessageBox)[-1]

    def answer(self, words: str) -> None:
        buttons = {button.text(): button for button in self.question().buttons()}
        self.qtbot.mouseClick(buttons[words], Qt.MouseButton.LeftButton)


@pytest.fixture
def guest(driver: Driver) -> Guest:
    return Guest(driver)


def files_with(folder: Path, text: str) -> list[Path]:
    written = (text.encode(), text.encode("utf-16-le"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if any(form in path.read_bytes() for form in written)]


def test_nothing_of_it_is_on_the_disk(
    guest: Guest, driver: Driver, engine: FakeEngine, data_dir: Path
) -> None:
    engine.answers(TextDelta(f"I know {SECRET}."), finished())
    panel = guest.window.steering
    panel.toggle()
    guest.qtbot.keyClicks(panel.panel.prompt.edit, f"Never say {SECRET}.")
    guest.ask(f"What is {SECRET}?")
    guest.ask("And then?")
    # Rows, settings, side files of SQLite, logs.
    assert files_with(data_dir, SECRET) == []
    driver.ask("Who are you?")
    assert driver.titles == ["Who are you?"]
    private, _second, public = engine.generate_requests
    assert [message.role for message in private.messages] == ["system", "user"]
    assert private.is_private
    assert not public.is_private
    # The first conversation of each store has the number 1.
    assert private.conversation != public.conversation
    guest.window.close_now()
    driver.window.close()
    driver.program.close()
    assert files_with(data_dir, SECRET) == []
    assert files_with(data_dir, "Who are you?")


def test_it_goes_on_stops_and_continues_as_any_other(guest: Guest, engine: FakeEngine) -> None:
    engine.answers(TextDelta("Half"), UntilCancelled())
    guest.write("go")
    guest.qtbot.waitUntil(lambda: guest.page.messages.rowCount() == 2)
    guest.qtbot.waitUntil(lambda: guest.page.messages.message_at(1).content == "Half")
    guest.qtbot.keyClick(guest.page.composer.edit, Qt.Key.Key_Escape)
    guest.qtbot.waitUntil(lambda: guest.page.messages.message_at(1).status is Status.STOPPED)
    engine.answers(TextDelta(" whole."), finished())
    guest.qtbot.waitUntil(lambda: bool(guest.page.notice.buttons))
    guest.qtbot.mouseClick(guest.page.notice.buttons[0], Qt.MouseButton.LeftButton)
    guest.qtbot.waitUntil(lambda: guest.page.messages.message_at(1).content == "Half whole.")
    assert guest.window.context_button.isVisible()


def test_an_empty_one_closes_at_once(guest: Guest, driver: Driver) -> None:
    guest.window.close()
    assert driver.program.side_windows.temporary == []


def test_one_with_words_asks(guest: Guest, driver: Driver) -> None:
    guest.ask("hello")
    guest.qtbot.keyClick(guest.window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert guest.window.isVisible()
    guest.answer("Keep it open")
    assert guest.window.isVisible()
    guest.window.close()
    guest.answer("Close it")
    assert driver.program.side_windows.temporary == []
    guest.qtbot.waitUntil(lambda: not isValid(guest.window))


def test_closing_during_an_answer_ends_it(guest, driver, engine) -> None:
    gate = threading.Event()
    engine.answers(TextDelta("Long"), WaitFor(gate), TextDelta(" story"), finished())
    guest.write("go")
    guest.qtbot.waitUntil(lambda: guest.page.messages.rowCount() == 2)
    guest.window.close_now()
    # The engine is free for the next one, although nobody opened the gate.
    driver.ask("And you?")
    assert driver.texts == ["And you?", "Hello."]


def test_the_main_window_does_not_close_over_it(guest: Guest, driver: Driver) -> None:
    guest.ask("hello")
    driver.window.close()
    assert driver.window.isVisible()
    guest.answer("Keep it open")
    assert driver.window.isVisible()
    driver.window.close()
    guest.answer("Close it")
    assert not driver.window.isVisible()
    assert driver.program.side_windows.temporary == []


def test_a_signal_asks_nobody(guest: Guest, driver: Driver) -> None:
    guest.ask("hello")
    driver.program.end()
    assert not driver.window.isVisible()
    assert driver.program.side_windows.temporary == []
