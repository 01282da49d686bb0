"""The side panel, the library of personas and the thinking button, used as a person does."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.services.models import ModelPhase
from app.store import Store
from app.views.steering.persona_dialog import PersonaDialog
from inference.engine import ContextPolicy, Sampling, Thinking
from inference.sampling import DEFAULT_ORDER
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, loaded

DEFAULTS = Sampling(
    temperature=0.2, top_p=0.9, top_k=50, min_p=0.0, repeat_penalty=1.0, order=DEFAULT_ORDER
)


@pytest.fixture
def engine() -> FakeEngine:
    """Its model can think and has defaults of its own."""
    made = FakeEngine()
    made.loads(replace(loaded(), thinks=True, sampling=DEFAULTS))
    return made


@pytest.fixture
def second_model(data_dir: Path, model_file: Path) -> Path:
    path = paths.models_dir() / "Zweites-Q8.gguf"
    path.write_bytes(b"GGUF")
    return path


class Panel:
    """The panel of a driven window, open."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.qtbot = driver.qtbot
        self.view = driver.window.steering.panel
        if self.view.isHidden():
            self.toggle()

    def toggle(self) -> None:
        self.qtbot.keyClick(
            self.driver.window, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier
        )

    def number(self, name: str, keys: str) -> None:
        field = self.view.numbers[name].field
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClicks(field, keys)
        self.qtbot.keyClick(field, Qt.Key.Key_Return)

    def shown(self, name: str) -> str:
        return self.view.numbers[name].field.lineEdit().text()

    def choose(self, button: QPushButton, words: str) -> None:
        self.driver.click(button)
        menu = button.findChildren(QMenu)[-1]
        action = next(action for action in menu.actions() if action.text() == words)
        action.trigger()
        menu.close()


def last(engine: FakeEngine):
    return engine.generate_requests[-1]


def test_the_system_prompt_is_said_first_and_only_here(driver: Driver, engine: FakeEngine) -> None:
    panel = Panel(driver)
    assert panel.view.prompt.edit.hasFocus()
    driver.qtbot.keyClicks(panel.view.prompt.edit, "Be brief.")
    driver.ask("one")
    assert [(m.role, m.content) for m in last(engine).messages] == [
        ("system", "Be brief."),
        ("user", "one"),
    ]
    first = driver.page.conversation_id
    driver.window.new_conversation()
    assert panel.view.prompt.edit.toPlainText() == ""
    driver.ask("two")
    assert [m.role for m in last(engine).messages] == ["user"]

    driver.open(first)
    driver.qtbot.waitUntil(lambda: panel.view.prompt.edit.toPlainText() == "Be brief.")
    driver.qtbot.waitUntil(lambda: len(driver.messages) == 2)
    driver.click(panel.view.prompt_row.reset_button)
    driver.ask("three")
    assert [m.role for m in last(engine).messages] == ["user", "assistant", "user"]


def test_numbers_show_the_models_default_and_go_back_to_it(driver, engine) -> None:
    panel = Panel(driver)
    row = panel.view.numbers["temperature"]
    assert panel.shown("temperature") == "0.2"
    assert "default is 0.2" in row.field.accessibleDescription()
    assert not row.reset_button.isEnabled()
    assert (panel.shown("max_tokens"), panel.shown("seed")) == ("No limit", "Random")

    panel.number("temperature", "1.5")
    panel.number("top_k", "7")
    panel.number("max_tokens", "128")
    panel.number("seed", "42")
    driver.ask("one")
    assert last(engine).sampling == Sampling(temperature=1.5, top_k=7, max_tokens=128, seed=42)

    for name in ("temperature", "top_k", "max_tokens", "seed"):
        driver.click(panel.view.numbers[name].reset_button)
    assert panel.shown("temperature") == "0.2"
    assert (panel.shown("max_tokens"), panel.shown("seed")) == ("No limit", "Random")
    driver.ask("two")
    assert last(engine).sampling == Sampling()


def test_rare_numbers_are_a_click_away(driver, engine) -> None:
    panel = Panel(driver)
    assert panel.view.numbers["xtc_probability"].isHidden()
    driver.click(panel.view.more_button)
    assert not panel.view.numbers["xtc_probability"].isHidden()
    panel.number("xtc_probability", "0.5")
    driver.ask("one")
    assert last(engine).sampling == Sampling(xtc_probability=0.5)


def test_each_conversation_has_its_own_model(
    second_model: Path, driver: Driver, engine: FakeEngine, model_file: Path
) -> None:
    driver.ask("one")
    first = driver.page.conversation_id
    panel = Panel(driver)
    panel.choose(panel.view.model_button, "Zweites-Q8")
    state = driver.program.models.state
    assert (state.path, state.phase) == (second_model, ModelPhase.UNLOADED)
    # Its defaults are not known before it was loaded once.
    assert panel.shown("temperature") == "–"
    driver.ask("two")
    assert last(engine).model.path == second_model
    assert driver.messages[-1].model == "Zweites-Q8"

    driver.window.new_conversation()
    assert driver.program.models.state.path == model_file
    driver.ask("three")
    assert last(engine).model.path == model_file

    driver.open(first)
    driver.qtbot.waitUntil(lambda: driver.program.models.state.path == second_model)
    driver.qtbot.waitUntil(lambda: len(driver.messages) == 4)
    driver.click(panel.view.model_row.reset_button)
    driver.ask("four")
    assert last(engine).model.path == model_file


def test_the_headers_model_is_the_conversations_too(
    second_model: Path, driver: Driver, engine: FakeEngine, model_file: Path
) -> None:
    driver.ask("one")
    first = driver.page.conversation_id
    driver.window.new_conversation()
    driver.ask("two")
    driver.window.header.model_chosen.emit(second_model)
    driver.qtbot.waitUntil(lambda: driver.program.models.state.phase is ModelPhase.READY)
    driver.ask("three")
    assert last(engine).model.path == second_model
    driver.open(first)
    driver.qtbot.waitUntil(lambda: driver.program.models.state.path == model_file)
    assert driver.window.header.model_button.accessibleName() == "Model: Small-Q4"
    assert driver.window.header.state_label.text() == "Not loaded"


def test_the_policy_in_the_panel_and_in_the_header_are_one(driver, engine) -> None:
    panel = Panel(driver)
    panel.choose(panel.view.policy_button, "Stop and say so")
    driver.ask("one")
    assert last(engine).context_policy is ContextPolicy.STOP
    driver.window.header.context_button.policy_chosen.emit(ContextPolicy.SUMMARISE)
    words = "Summarise the oldest messages"
    driver.qtbot.waitUntil(lambda: panel.view.policy_button.toolTip() == words)


def test_thinking_is_steered_beside_the_composer(driver, engine) -> None:
    button = driver.window.steering.thinking_button
    panel = Panel(driver)
    panel.toggle()
    assert button.isVisible()
    assert button.text() == "Thinking: automatic"
    panel.choose(button, "Thinking: on")
    panel.choose(button, "1,024 tokens")
    driver.ask("one")
    assert (last(engine).thinking, last(engine).thinking_budget) == (Thinking.ON, 1024)
    assert button.text() == "Thinking: on, 1,024 tokens"

    panel.choose(button, "Another number of tokens…")
    dialog = button.findChild(QInputDialog)
    dialog.setIntValue(77)
    dialog.accept()
    driver.ask("two")
    assert last(engine).thinking_budget == 77
    panel.choose(button, "Thinking: off")
    panel.choose(button, "No limit")
    driver.ask("three")
    assert (last(engine).thinking, last(engine).thinking_budget) == (Thinking.OFF, None)


def test_a_model_that_cannot_think_has_no_such_button(
    second_model: Path, driver: Driver, engine: FakeEngine
) -> None:
    panel = Panel(driver)
    panel.choose(panel.view.model_button, "Zweites-Q8")
    assert driver.window.steering.thinking_button.isHidden()


def test_a_persona_is_made_changed_used_and_kept(driver: Driver, engine: FakeEngine) -> None:
    panel = Panel(driver)
    qtbot, edit = driver.qtbot, panel.view.prompt.edit
    qtbot.keyClicks(edit, "You are a pirate.")
    panel.choose(panel.view.prompt.persona_button, "Keep this prompt as a persona…")
    [dialog] = driver.window.findChildren(PersonaDialog)
    qtbot.waitUntil(lambda: dialog.current() is not None)
    assert dialog.prompt.toPlainText() == "You are a pirate."
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "Pirate")
    driver.click(dialog.new_button)
    qtbot.waitUntil(lambda: dialog.list.count() == 2)
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "Poet")
    dialog.prompt.selectAll()
    qtbot.keyClicks(dialog.prompt, "You are a poet.")
    driver.click(dialog.duplicate_button)
    qtbot.waitUntil(lambda: dialog.list.count() == 3)
    driver.click(dialog.up_button)
    driver.click(dialog.up_button)
    names = ["Poet (copy)", "Pirate", "Poet"]
    qtbot.waitUntil(lambda: names_of(driver) == names)
    assert dialog.list.currentRow() == 0
    driver.click(dialog.delete_button)
    qtbot.waitUntil(lambda: names_of(driver) == ["Pirate", "Poet"])
    driver.click(dialog.undo_button)
    qtbot.waitUntil(lambda: names_of(driver) == ["Pirate", "Poet", "Poet (copy)"])
    driver.click(dialog.use_button)
    assert edit.toPlainText() == "You are a poet."
    assert panel.view.prompt.persona_button.toolTip() in ("Poet", "Poet (copy)")
    panel.choose(panel.view.prompt.persona_button, "Pirate")
    driver.ask("hello")
    assert last(engine).messages[0].content == "You are a pirate."


def names_of(driver: Driver) -> list[str]:
    return [persona.name for persona in driver.program.personas.personas]


def test_the_panel_gives_way_and_is_remembered(
    driver: Driver, engine: FakeEngine, start: list[Program], qtbot: QtBot
) -> None:
    panel = Panel(driver)
    window = driver.window
    assert panel.view.isVisible()
    window.resize(640, 600)
    assert panel.view.isHidden()
    assert driver.page.isVisible()
    # Asked for in a narrow window it takes the page's place.
    driver.click(window.header.panel_button)
    assert panel.view.isVisible()
    assert driver.page.isHidden()
    driver.click(panel.view.close_button)
    assert driver.page.isVisible()
    assert driver.composer.edit.hasFocus()
    window.resize(1100, 700)
    assert panel.view.isHidden()
    panel.toggle()
    window.close()
    driver.program.close()
    again = Program(Store(paths.database_path(), timeout_s=0.2), FakeEngine())
    start.append(again)
    again.start()
    qtbot.waitUntil(lambda: again.window.isVisible())
    # The screen of the tests may be too narrow for it to be seen.
    assert again.window.steering.pane.is_wanted
