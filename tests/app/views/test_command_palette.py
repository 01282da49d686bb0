from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication

from app import paths
from app.composition import Program
from app.services.models import ModelPhase
from app.store import Store
from app.views.actions import ActionSpec, Group
from app.views.command_palette import CommandPalette
from app.views.setting_titles import MODEL_SETTINGS, SETTINGS
from app.views.settings_dialog import SettingsDialog
from app.views.shortcut_sheet import ShortcutSheet
from app.views.steering.setting_row import SteeringRow
from app.views.transcript.message_bar import KEYS
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine

CONTROL = Qt.KeyboardModifier.ControlModifier


def open_palette(driver: Driver) -> CommandPalette:
    driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_K, CONTROL)
    palette = driver.window.command_palette
    driver.qtbot.waitUntil(palette.isVisible)
    assert QApplication.focusWidget() is palette.field
    return palette


def titles(palette: CommandPalette) -> list[str]:
    return [palette.model.index(row).data() for row in range(palette.model.rowCount())]


def test_an_action_by_a_few_letters(driver: Driver) -> None:
    palette = open_palette(driver)
    driver.qtbot.keyClicks(palette.field, "shc")
    assert titles(palette)[0] == "Show or hide the conversations"
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert not driver.window.sidebar.isVisible()
    assert not palette.isVisible()
    assert QApplication.focusWidget() is driver.composer.edit


def test_a_conversation_opens_with_arrow_and_enter(driver: Driver) -> None:
    driver.ask("Why is the sky blue?")
    driver.window.new_conversation()
    driver.ask("Why is the sea salt?")
    driver.qtbot.waitUntil(lambda: len(driver.titles) == 2)
    palette = open_palette(driver)
    driver.qtbot.keyClicks(palette.field, "whyisthes")
    assert titles(palette)[:2] == ["Why is the sea salt?", "Why is the sky blue?"]
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    driver.qtbot.waitUntil(lambda: driver.texts[:1] == ["Why is the sky blue?"])
    assert driver.window.windowTitle() == "Why is the sky blue? – Conclave"


def test_a_model_is_chosen(driver: Driver, engine: FakeEngine) -> None:
    other = paths.models_dir() / "Larger-Q8.gguf"
    other.write_bytes(b"GGUF")
    driver.program.models.rescan()
    driver.qtbot.waitUntil(lambda: len(driver.program.models.models) == 2)
    palette = open_palette(driver)
    driver.qtbot.keyClicks(palette.field, "larger")
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    driver.qtbot.waitUntil(lambda: engine.load_requests[-1].model.path == other)


def test_a_setting_of_the_conversation(driver: Driver) -> None:
    driver.ask("first")
    palette = open_palette(driver)
    driver.qtbot.keyClicks(palette.field, "full stop")
    assert titles(palette)[0] == "When the context is full: stop"
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    store: Store = driver.program._store

    def policy() -> str:
        conversation = driver.page.conversation_id
        assert conversation is not None
        future = store.submit(lambda repository: repository.contexts.get(conversation))
        return future.result(5).policy.value

    driver.qtbot.waitUntil(lambda: policy() == "stop")


def test_what_was_used_lately_comes_first_also_after_a_restart(
    driver: Driver, start: list[Program]
) -> None:
    palette = open_palette(driver)
    first = titles(palette)[0]
    assert first != "Show all shortcuts"
    driver.qtbot.keyClicks(palette.field, "shortc")
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    sheet = driver.window.findChild(ShortcutSheet)
    driver.click(sheet.close_button)
    palette = open_palette(driver)
    assert titles(palette)[0] == "Show all shortcuts"
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    driver.window.close()
    driver.program.close()

    program = Program(Store(paths.database_path()), FakeEngine())
    start.append(program)
    program.start()
    driver.qtbot.waitUntil(lambda: program.models.state.phase is ModelPhase.READY)
    driver.qtbot.waitUntil(lambda: program.window._services.recents.keys != ())
    palette = open_palette(Driver(driver.qtbot, program))
    assert titles(palette)[0] == "Show all shortcuts"


def test_nothing_found_is_said_and_esc_goes_back(driver: Driver) -> None:
    driver.type("a draft")
    palette = open_palette(driver)
    driver.qtbot.keyClicks(palette.field, "zzzzq")
    assert palette.nothing.isVisible()
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert QApplication.focusWidget() is driver.composer.edit
    assert driver.composer.text == "a draft"


def test_the_mouse_chooses_too_and_elsewhere_closes(driver: Driver) -> None:
    palette = open_palette(driver)
    driver.qtbot.keyClicks(palette.field, "hide the conversations")
    place = palette.list.visualRect(palette.model.index(0)).center()
    driver.qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not driver.window.sidebar.isVisible()
    palette = open_palette(driver)
    driver.qtbot.mouseClick(driver.composer.edit.viewport(), Qt.MouseButton.LeftButton)
    driver.qtbot.waitUntil(lambda: not palette.isVisible())


@pytest.mark.parametrize(
    ("key", "modifier"),
    [(Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Slash, CONTROL)],
)
def test_the_sheet_has_every_action_with_keys(driver: Driver, key, modifier) -> None:
    driver.qtbot.keyClick(driver.composer.edit, key, modifier)
    sheet = driver.window.findChild(ShortcutSheet)
    assert sheet is not None
    assert sheet.isVisible()
    lines = dict(sheet.lines)
    assert lines["New conversation"] == "Ctrl+N"
    assert lines["Next conversation"] == "Alt+Down, Ctrl+Tab"
    assert lines["Begin a new line"] == "Shift+Return"
    with_keys = [each for each in driver.window.commands.all if each.spec.shortcuts]
    assert {each.action.text() for each in with_keys} <= set(lines)
    driver.qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_the_sheet_has_every_key_that_the_window_knows(driver: Driver) -> None:
    driver.ask("first")
    driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_F1)
    sheet = driver.window.findChild(ShortcutSheet)
    told = {keys for _words, line in sheet.lines for keys in line.split(", ")}
    native = QKeySequence.SequenceFormat.NativeText
    known = {
        keys.toString(native)
        for action in driver.window.findChildren(QAction)
        for keys in action.shortcuts()
    }
    known |= {shortcut.key().toString(native) for shortcut in driver.window.findChildren(QShortcut)}
    known |= {QKeySequence(key).toString(native) for key in KEYS}
    assert known - told == set()
    # Keys of single controls have a test each where the control has its tests.
    assert {"Return", "Shift+Return", "Esc", "Up", "Space", "Del", "Ctrl+C", "Ctrl+A"} <= told
    driver.qtbot.keyClick(sheet, Qt.Key.Key_Escape)


def test_the_menu_has_every_action_and_shows_what_cannot_be_done(driver: Driver) -> None:
    driver.click(driver.window.header.menu_button)
    menu = driver.window.menu
    driver.qtbot.waitUntil(menu.isVisible)
    shown = [action for group in menu.actions() for action in group.menu().actions()]
    assert {action.text() for action in shown} == {
        each.action.text() for each in driver.window.commands.all
    }
    assert not driver.window.commands.action("conversation.rename").isEnabled()
    driver.qtbot.keyClick(menu, Qt.Key.Key_Escape)
    assert driver.window.commands.action("conversation.rename").isEnabled()


def test_no_two_actions_share_a_key(driver: Driver) -> None:
    keys = [
        QKeySequence(key).toString()
        for each in driver.window.commands.all
        for key in each.spec.shortcuts
    ]
    assert len(keys) == len(set(keys))


def test_an_action_has_one_place_only(driver: Driver) -> None:
    again = ActionSpec("conversation.new", Group.VIEW, "Again", driver.window.new_conversation)
    with pytest.raises(ValueError, match=r"conversation\.new"):
        driver.window.commands.add(again)


def test_a_setting_opens_the_dialog_at_its_control(driver: Driver) -> None:
    palette = open_palette(driver)
    driver.qtbot.keyClicks(palette.field, "kvcache")
    assert titles(palette)[0] == "Type of the KV cache"
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    driver.qtbot.waitUntil(lambda: driver.window.settings.dialog is not None)
    dialog = driver.window.settings.dialog
    assert isinstance(dialog, SettingsDialog)
    driver.qtbot.waitUntil(lambda: QApplication.focusWidget() is dialog.model.kv_type)
    driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)


@pytest.mark.parametrize(
    ("letters", "name"), [("temperat", "temperature"), ("typical", "typical_p")]
)
def test_a_setting_of_the_panel_opens_it_there(driver: Driver, letters: str, name: str) -> None:
    palette = open_palette(driver)
    driver.qtbot.keyClicks(palette.field, letters)
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    panel = driver.window.steering.panel
    field = panel.numbers[name].field
    driver.qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
    assert panel.visibleRegion().contains(field.mapTo(panel, field.rect().center()))


def test_every_setting_of_the_panel_can_be_looked_for(driver: Driver) -> None:
    palette = open_palette(driver)
    driver.window.steering.open()
    panel = driver.window.steering.panel
    shown = {row.title.text() for row in panel.findChildren(SteeringRow)}
    policy = "When the context is full"
    entries = [palette.model.entry_at(row) for row in range(palette.model.rowCount())]
    offered = {entry.title for entry in entries if entry is not None}
    assert shown <= offered | {policy}
    assert f"{policy}: stop" in offered or driver.page.conversation_id is None


def test_every_setting_of_the_dialog_can_be_looked_for(driver: Driver) -> None:
    driver.window.settings.open()
    driver.qtbot.waitUntil(lambda: driver.window.settings.dialog is not None)
    dialog = driver.window.settings.dialog
    assert isinstance(dialog, SettingsDialog)
    assert {row.title.text() for row in dialog.rows} == {*SETTINGS, *MODEL_SETTINGS}
    driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
