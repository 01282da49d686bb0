"""A temporary conversation: nothing of it reaches the disk, and it asks before it is gone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox
from shiboken6 import isValid

from app.domain.conversations import Message, Status
from app.side_windows import SideWindow
from app.views.temporary_window import TemporaryWindow
from inference.engine import TextDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, UntilCancelled, WaitFor, finished

SECRET = "Xylophone-7431"


class Guest:
    """Uses the temporary window of a driven program."""

    def __init__(self, driver: Driver) -> None:
        self.qtbot = driver.qtbot
        driver.click(driver.window.sidebar.temporary_button)
        self.made: SideWindow[TemporaryWindow] = driver.program.side_windows.temporary[-1]
        self.window = self.made.window
        self.page = self.window.page

    @property
    def messages(self) -> list[Message]:
        model = self.page.messages
        return [model.message_at(row) for row in range(model.rowCount())]

    def write(self, text: str) -> None:
        self.qtbot.keyClicks(self.page.composer.edit, text)
        self.qtbot.keyClick(self.page.composer.edit, Qt.Key.Key_Return)

    def ask(self, text: str) -> None:
        count = self.page.messages.rowCount()
        self.write(text)
        self.qtbot.waitUntil(lambda: self.page.messages.rowCount() == count + 2)
        self.qtbot.waitUntil(
            lambda: (
                self.page.conversation_id is not None
                and not self.made.services.chat.is_busy(self.page.conversation_id)
                and self.page.composer.button.accessibleName() == "Send"
            )
        )

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
    # Cancelled before the engine has it, it would leave its script to the next question.
    guest.qtbot.waitUntil(lambda: len(engine.generate_requests) == 1)
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


def test_messages_can_be_worked_on_here_too(
    guest: Guest, driver: Driver, engine: FakeEngine, data_dir: Path
) -> None:
    guest.ask("hello")
    engine.answers(TextDelta(f"Again, {SECRET}."), finished())
    guest.page.transcript.setFocus(Qt.FocusReason.TabFocusReason)
    guest.qtbot.keyClick(guest.page.transcript, Qt.Key.Key_R)
    model = guest.page.messages
    guest.qtbot.waitUntil(
        lambda: [message.content for message in guest.messages] == ["hello", f"Again, {SECRET}."]
    )
    guest.qtbot.waitUntil(lambda: len(model.versions_of(model.message_at(1).id)) == 2)
    assert engine.generate_requests[-1].is_private
    # There is no list for a branch to appear in.
    guest.qtbot.waitUntil(lambda: not guest.made.services.chat.is_busy(1))
    guest.qtbot.keyClick(guest.page.transcript, Qt.Key.Key_B)
    menu = QMenu()
    guest.window.message_actions.fill_menu(menu, model.message_at(1))
    words = [action.text().split("\t")[0] for action in menu.actions()]
    assert "Delete" in words
    assert "Branch from here" not in words
    assert files_with(data_dir, SECRET) == []


def test_an_edit_reaches_the_disk_no_more_than_the_rest(guest: Guest, data_dir: Path) -> None:
    guest.ask("hello")
    services, field = guest.made.services, guest.page.composer.edit
    guest.page.edit_message(guest.messages[0])
    guest.qtbot.keyClicks(field, f" {SECRET}")
    services.drafts.flush()
    [kept] = services.store.submit(lambda r: list(r.edits.all().values())).result()
    assert kept.text == f"hello {SECRET}"
    assert files_with(data_dir, SECRET) == []
    guest.qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.toPlainText() == ""


def test_another_model_answers_here_alone(
    driver: Driver, engine: FakeEngine, model_file: Path
) -> None:
    other = model_file.with_name("Zweites-Q8.gguf")
    other.write_bytes(b"GGUF")
    driver.program.models.rescan()
    driver.qtbot.waitUntil(lambda: len(driver.program.models.models) == 2)
    guest = Guest(driver)
    guest.ask("hello")
    message = guest.page.messages.message_at(1)
    menu = QMenu()
    guest.window.message_actions.fill_menu(menu, message)
    [models] = [action.menu() for action in menu.actions() if action.menu() is not None]
    [action] = [action for action in models.actions() if action.text() == "Zweites-Q8"]
    action.trigger()
    guest.qtbot.waitUntil(
        lambda: [message.model for message in guest.messages] == ["", "Zweites-Q8"]
    )
    # The row is there before the engine is asked.
    guest.qtbot.waitUntil(lambda: engine.generate_requests[-1].model.path == other)
    assert driver.program.models.chosen_path == model_file


def test_files_are_dropped_and_words_found_here_too(guest: Guest, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("basil needs sun\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(QPoint(200, 200), action, data, button, keys)
    QApplication.sendEvent(guest.window, entered)
    assert entered.isAccepted()
    dropped = QDropEvent(QPointF(200, 200), action, data, button, keys)
    QApplication.sendEvent(guest.window, dropped)
    chips = guest.page.composer.chips
    guest.qtbot.waitUntil(lambda: bool(chips.chips))
    # A file alone is already something to lose.
    guest.window.close()
    guest.answer("Keep it open")
    guest.qtbot.waitUntil(lambda: bool(guest.page.drafting.attachments), timeout=30_000)
    guest.ask("Where does it grow?")

    guest.qtbot.keyClick(guest.window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = guest.page.find_bar
    guest.qtbot.keyClicks(bar.edit, "grow")
    guest.qtbot.waitUntil(lambda: bar.count.text() == "1 of 1")
