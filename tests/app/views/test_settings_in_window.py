"""The dialog of settings, used as a person does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain import settings
from app.services.models import ModelPhase
from app.store import JsonValue
from app.views.settings_dialog import SettingsDialog
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine

MIB = 1024 * 1024


def opened(qtbot: QtBot, driver: Driver) -> SettingsDialog:
    driver.window.activateWindow()
    qtbot.waitUntil(driver.window.isActiveWindow)
    qtbot.keyClick(driver.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: driver.window.settings.dialog is not None)
    dialog = driver.window.settings.dialog
    assert dialog is not None
    return dialog


def type_into(qtbot: QtBot, field: object, text: str) -> None:
    field.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(field, text)


def stored(driver: Driver, key: str) -> JsonValue:
    store = driver.program._store
    return store.submit(lambda repository: repository.setting(key)).result(5)


def test_what_is_saved_reaches_the_engine_at_once(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    dialog = opened(qtbot, driver)
    assert (
        dialog.engine.memory.value(),
        dialog.engine.disk.value(),
        dialog.engine.idle.value(),
    ) == (1024, 8192, 30)

    type_into(qtbot, dialog.engine.memory, "512")
    type_into(qtbot, dialog.engine.idle, "5")
    driver.click(dialog.save_button)

    qtbot.waitUntil(lambda: engine.options is not None and engine.options.idle_unload_s == 300)
    assert engine.options is not None
    assert engine.options.state_memory_bytes == 512 * MIB
    assert engine.options.state_disk_bytes == 8192 * MIB
    assert stored(driver, settings.STATE_MEMORY_BYTES) == 512 * MIB
    # What was left alone follows the default for ever.
    assert stored(driver, settings.STATE_DISK_BYTES) is None
    assert len(engine.load_requests) == 1


def test_escape_changes_nothing(qtbot: QtBot, driver: Driver) -> None:
    dialog = opened(qtbot, driver)
    type_into(qtbot, dialog.engine.memory, "1")

    qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: driver.window.settings.dialog is None)
    assert stored(driver, settings.STATE_MEMORY_BYTES) is None
    assert opened(qtbot, driver).engine.memory.value() == 1024


def test_workers_load_the_model_anew_and_wrong_ones_are_named(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    dialog = opened(qtbot, driver)
    type_into(qtbot, dialog.engine.workers, "10.0.0.7")
    assert not dialog.save_button.isEnabled()
    assert "10.0.0.7" in dialog.problem.text()

    qtbot.keyClicks(dialog.engine.workers, ":50052, lamp:7")
    driver.click(dialog.save_button)

    qtbot.waitUntil(lambda: len(engine.load_requests) == 2)
    assert engine.load_requests[-1].model.rpc_servers == ("10.0.0.7:50052", "lamp:7")


def test_settings_of_the_model_load_it_anew_and_go_back_to_the_default(
    qtbot: QtBot, driver: Driver, engine: FakeEngine
) -> None:
    dialog = opened(qtbot, driver)
    qtbot.keyClick(dialog.model.flash, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.model.kv_type, Qt.Key.Key_Down)
    driver.click(dialog.save_button)
    qtbot.waitUntil(lambda: len(engine.load_requests) == 2)
    model = engine.load_requests[-1].model
    assert (model.flash_attention, model.kv_type) == ("on", "q8_0")
    qtbot.waitUntil(lambda: driver.program.models.state.phase is ModelPhase.READY)

    dialog = opened(qtbot, driver)
    assert dialog.model.flash.currentText() == "on"
    for row in dialog.rows:
        qtbot.keyClick(row.reset_button, Qt.Key.Key_Space)
    driver.click(dialog.save_button)

    qtbot.waitUntil(lambda: len(engine.load_requests) == 3)
    model = engine.load_requests[-1].model
    assert (model.flash_attention, model.kv_type) == ("auto", "f16")
    assert stored(driver, settings.TUNED) not in (None, {})


def test_controls_say_what_they_are(qtbot: QtBot, driver: Driver) -> None:
    dialog = opened(qtbot, driver)
    assert len(dialog.rows) == 12
    for row in dialog.rows:
        assert row.control.accessibleName() == row.title.text()
        assert "Default:" in row.control.accessibleDescription()
    assert QApplication.focusWidget() is not None
