"""What is being written over a sent message outlives the program, as drafts do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.domain.edits import KeptEdit
from app.services.drafts import SAVE_AFTER_MS
from app.services.models import ModelPhase
from app.store import Store
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine

Again = Callable[[], Driver]


@pytest.fixture
def again(driver: Driver, qtbot: QtBot, start: list[Program]) -> Again:
    """Ends the program, and starts it with the conversation of before on the page."""

    def restart() -> Driver:
        before = start[-1]
        conversation_id = before.window.page.conversation_id
        assert conversation_id is not None
        before.window.close()
        before.close()
        program = Program(Store(paths.database_path(), timeout_s=0.2), FakeEngine())
        start.append(program)
        program.start()
        anew = Driver(qtbot, program)
        qtbot.waitUntil(lambda: program.models.state.phase is ModelPhase.READY)
        qtbot.waitUntil(lambda: len(anew.titles) == 1)
        anew.window.sidebar.list.setFocus()
        anew.open(conversation_id)
        qtbot.waitUntil(lambda: bool(anew.messages))
        return anew

    return restart


def edit(driver: Driver, row: int, more: str) -> None:
    """Begin to edit a message, and write behind its words."""
    driver.page.edit_message(driver.messages[row])
    driver.type(more)


def stored() -> dict[int, KeptEdit]:
    """The edits in the database, read by a store of their own."""
    store = Store(paths.database_path(), timeout_s=0.2)
    found = store.submit(lambda repository: repository.edits.all()).result()
    store.close()
    return found


@pytest.mark.parametrize("row", [0, 1, 2])
def test_an_edit_goes_on_after_a_restart(driver: Driver, again: Again, row: int) -> None:
    driver.ask("q")
    driver.ask("more")
    edited = driver.texts[row]
    driver.type("a draft")
    edit(driver, row, " half")

    anew = again()
    anew.qtbot.waitUntil(lambda: "edit a" in anew.notice.lower())
    assert anew.composer.text == f"{edited} half"
    edited_now = anew.page.editing.message
    assert edited_now is not None
    assert edited_now.id == anew.messages[row].id

    anew.escape()
    assert anew.composer.text == "a draft"
    anew = again()
    assert anew.composer.text == "a draft"
    assert anew.page.editing.message is None
    assert stored() == {}


def test_an_edit_of_before_is_sent_and_leaves_nothing(driver: Driver, again: Again) -> None:
    driver.ask("q")
    driver.type("a draft")
    edit(driver, 0, " half")

    anew = again()
    anew.type(" more")
    anew.enter()
    anew.qtbot.waitUntil(lambda: anew.texts == ["q half more", "Hello."])
    anew.wait_idle()
    assert anew.composer.text == "a draft"

    anew = again()
    assert anew.composer.text == "a draft"
    assert anew.page.editing.message is None
    assert stored() == {}


def test_an_edited_answer_leaves_nothing(driver: Driver, again: Again) -> None:
    driver.ask("q")
    edit(driver, 1, " Mine.")
    driver.enter()
    driver.qtbot.waitUntil(lambda: driver.texts == ["q", "Hello. Mine."])

    anew = again()
    assert anew.composer.text == ""
    assert anew.page.editing.message is None
    assert stored() == {}


@pytest.mark.parametrize("draft", ["", "a draft"])
def test_the_words_outlive_their_message(driver: Driver, again: Again, draft: str) -> None:
    driver.ask("q")
    driver.ask("gone")
    driver.type(draft)
    edit(driver, 2, " half")
    driver.program.tree.delete(driver.messages[2])
    driver.qtbot.waitUntil(lambda: driver.texts == ["q", "Hello."])

    words = f"gone half\n{draft}" if draft else "gone half"
    for _start in range(2):
        anew = again()
        anew.qtbot.waitUntil(lambda page=anew: page.composer.text == words)
        assert anew.page.editing.message is None
    assert stored() == {}


def test_nothing_is_left_of_an_emptied_edit_without_its_message(
    driver: Driver, again: Again
) -> None:
    driver.ask("q")
    driver.ask("gone")
    driver.type("a draft")
    edit(driver, 2, "")
    driver.composer.edit.selectAll()
    driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_Delete)
    driver.program.tree.delete(driver.messages[2])
    driver.qtbot.waitUntil(lambda: driver.texts == ["q", "Hello."])

    assert again().composer.text == "a draft"


def test_an_edit_left_for_another_conversation_goes_on(driver: Driver, again: Again) -> None:
    driver.ask("q")
    here = driver.page.conversation_id
    assert here is not None
    edit(driver, 0, " half")
    driver.window.new_conversation()
    driver.type("something new")
    driver.open(here)
    driver.qtbot.waitUntil(lambda: len(driver.messages) == 2)
    assert driver.composer.text == "q half"

    anew = again()
    assert anew.composer.text == "q half"
    anew.window.new_conversation()
    assert anew.composer.text == "something new"
    anew.open(here)
    assert anew.composer.text == "q half"


def test_an_edit_is_stored_a_pause_after_the_last_key(driver: Driver) -> None:
    driver.ask("q")
    here, message = driver.page.conversation_id, driver.messages[0]
    assert here is not None
    edit(driver, 0, " half")

    driver.qtbot.waitUntil(
        lambda: stored() == {here: KeptEdit(message.id, "q half")}, timeout=20 * SAVE_AFTER_MS
    )


def test_an_edit_leaves_the_keyboard_to_the_list(driver: Driver, again: Again) -> None:
    driver.ask("q")
    edit(driver, 0, " half")

    anew = again()
    assert anew.composer.text == "q half"
    assert anew.window.sidebar.list.hasFocus()
