from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.services.models import ModelPhase
from app.store import Store
from app.views.first_run_page import FirstRunPage
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine
from tests.inference.tiny_models import write_tiny_model


@pytest.fixture
def two_models(data_dir: Path) -> None:
    """A model that fits, and a file that only looks like one."""
    paths.models_dir().mkdir(parents=True)
    write_tiny_model(paths.models_dir() / "Tiny-F16.gguf", "llama", n_layer=1)
    (paths.models_dir() / "Zero.gguf").write_bytes(bytes(600))


def begin(qtbot: QtBot, engine: FakeEngine, start: list[Program]) -> Driver:
    program = Program(Store(paths.database_path(), timeout_s=0.2), engine)
    start.append(program)
    program.start()
    qtbot.waitExposed(program.window)
    return Driver(qtbot, program)


def introduction(driver: Driver) -> FirstRunPage:
    page = driver.window.first_run.introduction
    driver.qtbot.waitUntil(page.isVisible)
    return page


def press(driver: Driver) -> None:
    """Press what has the focus, as a person without a mouse does."""
    focused = QApplication.focusWidget()
    assert isinstance(focused, QPushButton)
    driver.qtbot.keyClick(focused, Qt.Key.Key_Space)


def test_three_steps_to_a_first_answer_by_keyboard(
    qtbot: QtBot, engine: FakeEngine, start: list[Program], two_models: None
) -> None:
    driver = begin(qtbot, engine, start)
    page = introduction(driver)
    assert page.where.text() == "Step 1 of 3"
    assert str(paths.data_dir()) in [label.text() for label in page.findChildren(type(page.where))]
    qtbot.waitUntil(page.next_button.hasFocus)
    press(driver)

    assert page.where.text() == "Step 2 of 3"
    qtbot.waitUntil(lambda: bool(page.models.choices) and "fits" in page.models.choices[0].text())
    tiny, zero = (choice.text() for choice in page.models.choices)
    assert tiny.startswith("Tiny-F16\nIt fits: it takes ")
    assert zero == "Zero\nThis is not a GGUF model"
    qtbot.waitUntil(lambda: page.models.choices[0].isChecked())
    page.models.choices[1].setFocus()
    qtbot.keyClick(page.models.choices[1], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: driver.program.models.chosen_path == paths.models_dir() / "Zero.gguf")
    page.models.choices[0].setFocus()
    qtbot.keyClick(page.models.choices[0], Qt.Key.Key_Space)
    page.next_button.setFocus()
    press(driver)

    assert page.where.text() == "Step 3 of 3"
    page.try_out.questions[0].setFocus()
    press(driver)
    driver.wait_text("Hello.")
    assert driver.texts[0] == "What can you help me with?"
    driver.window.new_conversation()
    assert driver.page.body.welcome.isVisible()


def test_letters_go_past_it_into_the_field(
    qtbot: QtBot, engine: FakeEngine, start: list[Program], two_models: None
) -> None:
    driver = begin(qtbot, engine, start)
    introduction(driver)
    for letter in "Is it so?":
        qtbot.keyClick(QApplication.focusWidget(), letter)
    assert driver.composer.text == "Is it so?"


def test_who_writes_already_is_not_interrupted(
    qtbot: QtBot, engine: FakeEngine, start: list[Program], two_models: None
) -> None:
    driver = begin(qtbot, engine, start)
    driver.type("Is")
    qtbot.waitUntil(lambda: driver.window.page.composer.button.isEnabled())
    qtbot.wait(100)
    driver.type(" it so?")
    assert driver.composer.text == "Is it so?"
    assert not driver.window.first_run.introduction.isVisible()


def test_it_is_skipped_for_good_and_comes_back_from_the_menu(
    qtbot: QtBot, engine: FakeEngine, start: list[Program], two_models: None
) -> None:
    driver = begin(qtbot, engine, start)
    page = introduction(driver)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert driver.page.body.welcome.isVisible()
    assert driver.composer.edit.hasFocus()
    start.pop().end()
    driver.program.close()

    again = begin(qtbot, engine, start)
    qtbot.waitUntil(lambda: again.program.models.state.phase is ModelPhase.READY)
    assert again.page.body.welcome.isVisible()
    [shown] = [action for action in again.window.menu.actions() for action in _below(action)]
    shown.trigger()
    assert introduction(again).where.text() == "Step 1 of 3"
    driver.click(introduction(again).skip_button)
    assert again.page.body.welcome.isVisible()


def _below(action: object) -> list[object]:
    menu = action.menu()  # type: ignore[attr-defined]
    actions = menu.actions() if menu is not None else [action]
    return [one for one in actions if one.text() == "Show the introduction"]


def test_without_a_model_it_says_how_to_get_one(
    qtbot: QtBot, engine: FakeEngine, start: list[Program], data_dir: Path, tmp_path: Path
) -> None:
    driver = begin(qtbot, engine, start)
    page = introduction(driver)
    driver.click(page.next_button)
    assert "There is none yet" in page.models.text.text()
    assert not page.models.area.isVisible()
    driver.click(page.back_button)
    assert page.where.text() == "Step 1 of 3"
    driver.click(page.next_button)

    made = write_tiny_model(tmp_path / "Mine.gguf", "llama", n_layer=1)
    shutil.copy(made, paths.models_dir())
    driver.click(page.models.rescan_button)
    qtbot.waitUntil(lambda: [one.text()[:4] for one in page.models.choices] == ["Mine"])
    driver.click(page.next_button)
    driver.click(page.next_button)
    assert driver.page.body.welcome.isVisible()


def test_someone_with_conversations_is_not_bothered(
    qtbot: QtBot, engine: FakeEngine, start: list[Program], two_models: None
) -> None:
    store = Store(paths.database_path())
    store.submit(lambda repository: repository.create_conversation("Old")).result()
    store.close()
    driver = begin(qtbot, engine, start)
    qtbot.waitUntil(lambda: driver.titles == ["Old"])
    qtbot.waitUntil(driver.page.body.welcome.isVisible)
    assert not driver.window.first_run.introduction.isVisible()


def test_enter_goes_on_and_back_and_says_where_models_are(
    qtbot: QtBot, engine: FakeEngine, start: list[Program]
) -> None:
    driver = begin(qtbot, engine, start)
    page = introduction(driver)
    qtbot.waitUntil(page.next_button.hasFocus)
    qtbot.keyClick(page.next_button, Qt.Key.Key_Return)
    assert page.where.text() == "Step 2 of 3"
    assert page.models.source.isVisible()
    assert page.models.source.text().startswith("Models are published on the web")
    qtbot.keyClick(page.back_button, Qt.Key.Key_Enter)
    assert page.where.text() == "Step 1 of 3"
    qtbot.keyClick(page.skip_button, Qt.Key.Key_Return)
    assert driver.window.page.body.start.source.text() == page.models.source.text()
