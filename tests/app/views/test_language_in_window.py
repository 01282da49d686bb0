"""The language is changed in the real window, and everything that stands in it changes with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.services.models import ModelPhase
from app.store import Store
from app.views.settings_dialog import SettingsDialog
from app.views.shortcut_sheet import ShortcutSheet
from app.views.steering.persona_dialog import PersonaDialog
from app.views.transcript.piece import LabelPiece
from inference.engine import TextDelta
from inference.errors import ModelDamaged
from tests.app.views.conftest import end
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, finished

CHINESE = "zh_CN"


def choose_in_settings(driver: Driver, name: str) -> None:
    """Open the settings by their key, take a language by its name, and save."""
    driver.window.activateWindow()
    driver.qtbot.waitUntil(driver.window.isActiveWindow)
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    driver.qtbot.waitUntil(lambda: driver.window.settings.dialog is not None)
    dialog = driver.window.settings.dialog
    assert isinstance(dialog, SettingsDialog)
    pick(driver.qtbot, dialog.language.control, name)
    driver.click(dialog.save_button)
    driver.qtbot.waitUntil(lambda: driver.window.settings.dialog is None)


def pick(qtbot: QtBot, control: QComboBox, name: str) -> None:
    """Go to an entry with the arrow keys."""
    control.setFocus()
    qtbot.keyClick(control, Qt.Key.Key_Home)
    for _ in range(control.findText(name)):
        qtbot.keyClick(control, Qt.Key.Key_Down)
    assert control.currentText() == name


def headings(driver: Driver) -> list[str]:
    model = driver.window.conversation_list
    rows = (model.index(row) for row in range(model.rowCount()))
    return [str(row.data()) for row in rows if model.conversation_at(row) is None]


def menu_titles(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions()]


def test_everything_in_the_window_is_said_anew(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("Four."), finished(tokens_out=1))
    driver.ask("Two and two?")
    window, page = driver.window, driver.page
    window.show_shortcuts()
    sheet = window.findChild(ShortcutSheet)
    assert isinstance(sheet, ShortcutSheet)
    before = everything(driver, sheet)
    assert "Today" in before

    driver.program.language.choose(CHINESE)
    driver.qtbot.waitUntil(lambda: window.sidebar.new_button.text() == "新建对话")

    assert headings(driver) == ["今天"]
    assert menu_titles(window.menu) == [
        "对话",
        "阅读与书写",
        "模型",
        "导入与导出",
        "视图",
        "Conclave",
    ]
    assert window.commands.action("program.quit").text() == "退出"
    assert window.header.model_button.accessibleName() == "模型：Small-Q4"
    assert window.header.state_label.text() == "就绪"
    assert window.header.new_button.toolTip() == "新建对话 (Ctrl+N)"
    assert page.composer.edit.placeholderText() == "想问什么都可以"
    assert page.composer.button.toolTip() == "发送 (Enter)"
    assert page.transcript.accessibleName() == "对话"
    assert page.body.welcome.heading.text() == "你想了解什么？"
    assert window.sidebar.search.placeholderText() == "搜索"
    assert sheet.windowTitle() == "快捷键"
    assert ("新建对话", "Ctrl+N") in sheet.lines
    assert sheet.close_button.text() == "关闭"

    driver.program.language.choose("en")
    driver.qtbot.waitUntil(lambda: window.sidebar.new_button.text() == "New conversation")
    # Parts that are built anew leave the old ones behind for a moment.
    driver.qtbot.waitUntil(lambda: everything(driver, sheet) == before)
    driver.click(sheet.close_button)


def everything(driver: Driver, sheet: ShortcutSheet) -> set[str]:
    """What can be read in the window, also of what is not on the screen at the moment."""
    window = driver.window
    texts = headings(driver) + menu_titles(window.menu) + [line[0] for line in sheet.lines]
    texts += [registered.action.text() for registered in window.commands.all]
    for kind in (QLabel, QPushButton):
        texts += [widget.text() for widget in window.findChildren(kind)]
        texts += [widget.toolTip() for widget in window.findChildren(kind)]
        texts += [widget.accessibleName() for widget in window.findChildren(kind)]
    return set(texts)


def test_what_is_painted_is_said_anew(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("Four."), finished(tokens_out=1))
    driver.ask("Two and two?")
    assert labels(driver) == ["Small-Q4", "25.0 tokens/s · 1 token"]
    driver.program.language.choose(CHINESE)
    driver.qtbot.waitUntil(lambda: labels(driver) == ["Small-Q4", "25.0 词元/秒 · 1 词元"])


def labels(driver: Driver) -> list[str]:
    """The small words around the answer, as they are laid out."""
    item = driver.page.transcript._layout.item(1)
    return [entry.piece.label for entry in item.entries if isinstance(entry.piece, LabelPiece)]


def test_the_language_is_chosen_in_the_settings_and_kept(
    driver: Driver, engine: FakeEngine, start: list[Program], qtbot: QtBot
) -> None:
    choose_in_settings(driver, "简体中文")
    driver.qtbot.waitUntil(lambda: driver.window.sidebar.new_button.text() == "新建对话")
    start.remove(driver.program)
    end(driver.program)

    program = Program(Store(paths.database_path(), timeout_s=0.2), FakeEngine())
    start.append(program)
    assert program.window.sidebar.new_button.text() == "新建对话"
    program.start()
    qtbot.waitUntil(lambda: program.models.state.phase is ModelPhase.READY)
    choose_in_settings(Driver(qtbot, program), "English")
    qtbot.waitUntil(lambda: program.window.sidebar.new_button.text() == "New conversation")


def test_an_error_of_the_engine_is_told_in_the_language_of_the_window(
    driver: Driver, engine: FakeEngine
) -> None:
    error = ModelDamaged(
        "The model file is damaged",
        "Small-Q4.gguf: blk.3.ffn_down has 12 bytes too few.",
        "Download the file again, or remove Small-Q4.sha256 if it belongs to another version.",
    )
    engine.answers(error)
    driver.type("Hello?")
    driver.enter()
    notice = driver.page.notice
    driver.qtbot.waitUntil(lambda: driver.notice == "The model file is damaged")
    driver.program.language.choose(CHINESE)
    driver.qtbot.waitUntil(lambda: "模型文件已损坏" in texts_of(notice))
    shown = texts_of(notice)
    assert "Small-Q4.gguf: blk.3.ffn_down has 12 bytes too few." in shown
    assert "请重新下载该文件；如果 Small-Q4.sha256 属于其他版本，请将其移除。" in shown
    driver.qtbot.waitUntil(lambda: "重试" in [button.text() for button in notice.buttons])


def texts_of(widget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def test_windows_beside_the_main_one_and_their_dialogs_change_too(driver: Driver) -> None:
    driver.window.temporary_requested.emit()
    temporary = driver.program.side_windows.temporary[0].window
    dialog = temporary.steering.open_library()
    assert isinstance(dialog, PersonaDialog)
    temporary.steering.toggle()
    driver.program.language.choose(CHINESE)
    driver.qtbot.waitUntil(lambda: temporary.windowTitle() == "临时对话")
    assert temporary.title.text() == "临时对话"
    assert dialog.windowTitle() == "角色"
    assert dialog.use_button.text() == "用于此对话"
    panel = temporary.steering.panel
    assert panel.accessibleName() == "此对话的设置"
    assert panel.numbers["temperature"].title.text() == "温度"
    dialog.reject()
