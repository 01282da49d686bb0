from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDropEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit

from app import paths
from app.composition import Program
from app.services.models import ModelPhase
from app.services.notices import Notice
from app.store import Store
from app.views import theme
from app.views.link_dialog import LinkDialog
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_rename_in_place(driver: Driver) -> None:
    driver.ask("first")
    sidebar = driver.window.sidebar.list
    driver.qtbot.waitUntil(lambda: sidebar.current() is not None)
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_F2)
    driver.qtbot.waitUntil(lambda: sidebar.findChild(QLineEdit) is not None)
    editor = sidebar.findChild(QLineEdit)
    editor.selectAll()
    driver.qtbot.keyClicks(editor, "Better name")
    driver.qtbot.keyClick(editor, Qt.Key.Key_Return)
    driver.qtbot.waitUntil(lambda: driver.titles == ["Better name"])
    driver.qtbot.waitUntil(lambda: driver.window.windowTitle() == "Better name – Conclave")


def test_list_that_is_read_again_does_not_end_a_rename(driver: Driver) -> None:
    driver.ask("first")
    sidebar = driver.window.sidebar.list
    driver.qtbot.waitUntil(lambda: sidebar.current() is not None)
    sidebar.rename_current()
    editor = sidebar.findChild(QLineEdit)
    editor.selectAll()
    driver.qtbot.keyClicks(editor, "Half a na")
    with driver.qtbot.waitSignal(driver.program.conversations.listed):
        driver.program.conversations.reload()
    assert sidebar.findChild(QLineEdit) is editor
    assert editor.text() == "Half a na"


def test_delete_and_undo(driver: Driver) -> None:
    driver.ask("first")
    driver.window.new_conversation()
    driver.ask("second")
    driver.qtbot.waitUntil(lambda: driver.titles == ["second", "first"])
    driver.qtbot.keyClick(driver.window.sidebar.list, Qt.Key.Key_Delete)
    driver.qtbot.waitUntil(lambda: driver.titles == ["first"])
    assert driver.page.conversation_id is None
    undo = driver.window.sidebar.undo
    assert undo.isVisible()
    driver.click(undo.button)
    driver.qtbot.waitUntil(lambda: driver.titles == ["second", "first"])
    assert not undo.isVisible()
    driver.wait_text("Hello.")
    assert driver.texts == ["second", "Hello."]


def test_conversation_that_another_program_deletes_opens_no_other(driver: Driver) -> None:
    driver.ask("first")
    first = driver.page.conversation_id
    driver.window.new_conversation()
    driver.ask("second")
    second = driver.page.conversation_id
    driver.qtbot.waitUntil(lambda: driver.titles == ["second", "first"])
    store = driver.program._store
    store.submit(lambda repository: repository.delete_conversation(second)).result(5)
    driver.program.conversations.reload()
    driver.qtbot.waitUntil(lambda: driver.titles == ["first"])
    assert driver.page.conversation_id != first


def test_keys_move_between_conversations(driver: Driver) -> None:
    driver.ask("first")
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_N, CONTROL)
    assert driver.page.conversation_id is None
    driver.ask("second")
    driver.qtbot.waitUntil(lambda: driver.titles == ["second", "first"])
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    driver.qtbot.waitUntil(lambda: driver.texts == ["first", "Hello."])
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    driver.qtbot.waitUntil(lambda: driver.texts == ["second", "Hello."])
    driver.qtbot.keyClick(driver.window, Qt.Key.Key_B, CONTROL)
    assert not driver.window.sidebar.isVisible()
    assert driver.window.header.new_button.isVisible()


def test_draft_stays_with_its_conversation(driver: Driver) -> None:
    driver.ask("first")
    driver.type("a draft")
    driver.window.new_conversation()
    assert driver.composer.text == ""
    driver.window.sidebar.list.step(1)
    assert driver.composer.text == "a draft"


def test_every_control_has_a_name(driver: Driver) -> None:
    driver.ask("first")
    for kind in (QAbstractButton, QPlainTextEdit):
        for control in driver.window.findChildren(kind):
            name = control.accessibleName() or getattr(control, "text", str)()
            assert name, f"{control} in {control.parent()}"


def test_tab_goes_round_all_that_is_to_be_used(driver: Driver) -> None:
    driver.type("x")
    seen = []
    for _ in range(20):
        widget = QApplication.focusWidget()
        if widget in seen:
            break
        seen.append(widget)
        driver.qtbot.keyClick(widget, Qt.Key.Key_Tab)
    window = driver.window
    for widget in (
        window.sidebar.new_button,
        window.header.sidebar_button,
        window.header.model_button,
        driver.composer.edit,
        driver.composer.button,
    ):
        assert widget in seen


def test_start_page_says_how_to_add_a_model(
    qtbot, engine: FakeEngine, start: list[Program], tmp_path: Path
) -> None:
    program = Program(Store(paths.database_path()), engine)
    start.append(program)
    program.start()
    window = program.window
    introduction = window.first_run.introduction
    qtbot.waitUntil(introduction.isVisible)
    qtbot.mouseClick(introduction.skip_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.page.body.start.isVisible)
    qtbot.waitUntil(lambda: engine.options is not None)
    assert engine.options is not None
    assert engine.options.state_folder == paths.states_dir()
    model = tmp_path / "dropped.gguf"
    model.write_bytes(b"GGUF")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(model))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)
    qtbot.waitUntil(lambda: program.models.state.phase is ModelPhase.READY)
    assert program.models.state.path == model
    assert window.page.body.welcome.isVisible()


@pytest.mark.expects_errors
def test_database_that_cannot_be_opened(
    qtbot, engine: FakeEngine, start: list[Program], data_dir: Path
) -> None:
    data_dir.mkdir()
    with closing(sqlite3.connect(paths.database_path())) as newer:
        newer.execute("PRAGMA user_version = 999")
    program = Program(Store(paths.database_path()), engine)
    start.append(program)
    program.start()
    qtbot.waitUntil(program.window.store_error.isVisible)
    page = program.window.store_error
    assert "999" in page.detail.text()
    assert page.hint.text()
    paths.database_path().unlink()
    qtbot.mouseClick(page.retry_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(program.window.page.isVisible)


def test_damaged_database_is_set_aside_and_told(
    qtbot, engine: FakeEngine, start: list[Program], data_dir: Path, caplog
) -> None:
    data_dir.mkdir()
    paths.database_path().write_bytes(b"this is no database, only words " * 200)
    program = Program(Store(paths.database_path()), engine)
    start.append(program)
    program.start()
    qtbot.waitUntil(program.window.notice.isVisible)
    notice = program.window.notice.notice
    assert notice is not None
    kept = [path for path in data_dir.iterdir() if str(path) in notice.detail]
    assert len(kept) == 1
    assert kept[0].read_bytes().startswith(b"this is no database")


def test_link_is_shown_before_it_is_opened(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    driver.page.transcript.link_activated.emit("https://example.org/?q=1")
    dialog = driver.window.findChild(LinkDialog)
    assert not opened
    driver.click(dialog.open_button)
    assert opened == ["https://example.org/?q=1"]
    driver.page.transcript.link_activated.emit("file:///etc/passwd")
    dialog = next(d for d in driver.window.findChildren(LinkDialog) if d.isVisible())
    driver.click(dialog.open_button)
    assert len(opened) == 1


def test_unexpected_error_is_told_and_the_window_lives(driver: Driver, caplog) -> None:
    driver.program.errors._on_error(ValueError, ValueError("a bug"), None)
    notice = driver.window.notice.notice
    assert notice is not None
    assert "a bug" in notice.detail
    assert driver.window.notice.isVisible()
    assert "unexpected error" in caplog.text
    driver.ask("still there?")


def test_colours_follow_the_system(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    hints = QApplication.styleHints()
    access = hints.accessibility()
    scheme, preference = Qt.ColorScheme, Qt.ContrastPreference
    for colours, changed, value in (
        (theme.DARK, hints.colorSchemeChanged, scheme.Dark),
        (theme.LIGHT, hints.colorSchemeChanged, scheme.Light),
        (theme.LIGHT_CONTRAST, access.contrastPreferenceChanged, preference.HighContrast),
        (theme.DARK_CONTRAST, hints.colorSchemeChanged, scheme.Dark),
    ):
        monkeypatch.setattr(theme, "system_is_dark", lambda is_dark=colours.dark: is_dark)
        contrast = colours.high_contrast
        monkeypatch.setattr(theme, "system_wants_contrast", lambda wanted=contrast: wanted)
        changed.emit(value)
        picture = driver.window.sidebar.grab().toImage()
        # Beside the list, where nothing is drawn.
        assert picture.pixelColor(3, picture.height() - 3).name() == colours.sidebar
        picture = driver.page.grab().toImage()
        assert picture.pixelColor(3, picture.height() - 3).name() == colours.ground


def test_place_of_the_window_is_remembered(driver: Driver, start: list[Program], qtbot) -> None:
    driver.window.resize(700, 500)
    driver.window.toggle_sidebar()
    driver.window.close()
    driver.program.close()
    program = Program(Store(paths.database_path()), FakeEngine())
    start.append(program)
    program.start()
    qtbot.waitUntil(program.window.isVisible)
    assert (program.window.width(), program.window.height()) == (700, 500)
    assert program.window.sidebar.isHidden()


def test_places_of_sidebar_and_panels_are_remembered(
    driver: Driver, start: list[Program], qtbot
) -> None:
    window = driver.window
    window.resize(780, 700)
    handle = window.body.handle(1)
    middle = handle.rect().center()
    before = window.sidebar.width()
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(handle, middle + QPoint(30, 0))
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle)
    width = window.sidebar.width()
    assert width > before + 20
    window.experts.toggle()
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, window.experts)
    window.toggle_sidebar()
    window.close()
    driver.program.close()

    program = Program(Store(paths.database_path()), FakeEngine())
    start.append(program)
    program.start()
    again = program.window
    qtbot.waitUntil(again.isVisible)
    assert again.dockWidgetArea(again.experts) == Qt.DockWidgetArea.BottomDockWidgetArea
    assert again.experts.isVisible()
    again.toggle_sidebar()
    qtbot.waitUntil(lambda: again.sidebar.width() == width)


def test_window_comes_forward_when_minimised(driver: Driver) -> None:
    driver.window.showMinimized()
    driver.window.come_forward()
    assert not driver.window.isMinimized()
    assert driver.window.isVisible()


def test_notices_of_the_window_can_be_dismissed(driver: Driver) -> None:
    driver.window.show_notice(Notice("Title", "Detail", "Hint"))
    assert driver.window.notice.accessibleDescription() == "Title. Detail. Hint"
    driver.click(driver.window.notice._close)
    assert not driver.window.notice.isVisible()
