from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.services.chat_events import SendFailed
from app.services.models import ModelPhase
from app.services.notices import Notice
from app.store import Store
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine


def up(driver: Driver) -> None:
    driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_Up)


def test_each_conversation_has_its_draft_over_a_restart(
    driver: Driver, qtbot: QtBot, engine: FakeEngine, start: list[Program]
) -> None:
    driver.ask("First?")
    first = driver.page.conversation_id
    assert first is not None
    driver.type("more of it")
    driver.window.new_conversation()
    assert driver.composer.text == ""
    driver.type("something new")
    driver.open(first)
    assert driver.composer.text == "more of it"
    driver.window.close()
    driver.program.close()

    program = Program(Store(paths.database_path(), timeout_s=0.2), FakeEngine())
    start.append(program)
    program.start()
    again = Driver(qtbot, program)
    qtbot.waitUntil(lambda: program.models.state.phase is ModelPhase.READY)
    qtbot.waitUntil(lambda: again.composer.text == "something new")
    qtbot.waitUntil(lambda: len(again.titles) == 1)
    again.open(first)
    assert again.composer.text == "more of it"

    again.enter()
    again.wait_text("Hello.")
    again.window.new_conversation()
    again.open(first)
    assert again.composer.text == ""


def test_up_edits_the_last_question_and_escape_leaves_it(
    driver: Driver, engine: FakeEngine
) -> None:
    driver.ask("Frist?")
    up(driver)
    assert driver.composer.text == "Frist?"
    driver.type(" And?")
    driver.escape()
    assert driver.composer.text == ""
    assert driver.texts == ["Frist?", "Hello."]

    up(driver)
    driver.composer.edit.selectAll()
    driver.type("First?")
    driver.enter()
    driver.qtbot.waitUntil(lambda: driver.texts == ["First?", "Hello."])
    driver.wait_idle()

    assert [m.content for m in engine.generate_requests[-1].messages] == ["First?"]


def test_up_in_a_written_message_moves_the_cursor(driver: Driver) -> None:
    driver.ask("First?")
    driver.type("one")
    up(driver)

    assert driver.composer.text == "one"


def test_an_edit_stays_apart_from_the_draft(driver: Driver) -> None:
    driver.ask("First?")
    conversation = driver.page.conversation_id
    assert conversation is not None
    up(driver)
    driver.type(" More")
    driver.window.new_conversation()
    driver.open(conversation)

    assert driver.composer.text == "First? More"
    assert driver.program.drafts.text(conversation) == ""
    driver.escape()
    assert driver.composer.text == ""


def test_the_composer_takes_a_third_of_the_window_at_most(driver: Driver) -> None:
    driver.window.resize(900, 720)
    driver.composer.set_text("line\n" * 80)

    driver.qtbot.waitUntil(lambda: driver.composer.edit.height() == 240)


def test_what_was_not_sent_comes_before_what_was_written_since(driver: Driver) -> None:
    driver.ask("First?")
    first = driver.page.conversation_id
    assert first is not None
    driver.type("written since")
    driver.window.new_conversation()
    failed = SendFailed("1", first, "never stored", Notice("Not stored"))
    driver.program.chat.send_failed.emit(failed)
    driver.open(first)
    assert driver.composer.text == "never stored\nwritten since"
