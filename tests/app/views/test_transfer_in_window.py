from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLineEdit, QMessageBox

from app.views.export_dialog import ExportDialog
from app.views.import_dialog import ImportDialog
from app.views.progress_dialog import ProgressDialog
from app.views.theme import SPACING
from tests.app.views.driver import Driver

CONTROL = Qt.KeyboardModifier.ControlModifier


def press(driver: Driver, key: Qt.Key) -> None:
    # Without a window manager nobody gives the keys back when a dialog closes.
    driver.window.activateWindow()
    driver.qtbot.waitUntil(driver.window.isActiveWindow)
    driver.qtbot.keyClick(driver.composer.edit, key, CONTROL)


def found(driver: Driver, kind: type[QDialog]) -> QDialog:
    driver.qtbot.waitUntil(lambda: driver.window.findChild(kind) is not None)
    dialog = driver.window.findChild(kind)
    driver.qtbot.waitUntil(dialog.isVisible)
    return dialog


def choose_file(driver: Driver, path: Path) -> None:
    dialog = found(driver, QFileDialog)
    # Typed, the path would open Qt's list of completions, which takes the keys.
    dialog.findChild(QLineEdit).setText(str(path))
    accept = dialog.findChild(QDialogButtonBox).buttons()[0]
    driver.qtbot.waitUntil(accept.isEnabled)
    driver.click(accept)
    driver.qtbot.waitUntil(lambda: driver.window.findChild(QFileDialog) is None)


def wait_notice(driver: Driver, start: str) -> None:
    def shown() -> bool:
        notice = driver.window.notice.notice
        return notice is not None and notice.title.startswith(start)

    driver.qtbot.waitUntil(shown)


def claude_file(folder: Path, *titles: str) -> Path:
    path = folder / "conversations.json"
    conversations: list[object] = [
        {
            "uuid": f"c{number}",
            "name": title,
            "created_at": "2025-01-02T03:04:05Z",
            "updated_at": "2025-01-02T03:04:05Z",
            "chat_messages": [
                {"uuid": "1", "sender": "human", "text": f"Question of {title}"},
                {"uuid": "2", "sender": "assistant", "text": "Answer"},
            ],
        }
        for number, title in enumerate(titles)
    ]
    path.write_text(json.dumps([*conversations, {"uuid": "broken"}]))
    return path


def start_import(driver: Driver, path: Path) -> ImportDialog:
    press(driver, Qt.Key.Key_I)
    choose_file(driver, path)
    dialog = found(driver, ImportDialog)
    assert isinstance(dialog, ImportDialog)
    return dialog


def test_an_import_is_previewed_stored_and_undone(driver: Driver, tmp_path: Path) -> None:
    driver.ask("mine")
    dialog = start_import(driver, claude_file(tmp_path, "One", "Two"))
    assert dialog.summary.text() == "Conversations: 2. Messages: 4."
    assert dialog.origin.text().startswith("Claude (2)")
    assert dialog.faults.isVisible()
    assert "entry 3" in dialog.faults.model().index(0, 0).data()
    assert driver.titles == ["mine"]
    driver.click(dialog.import_button)
    wait_notice(driver, "Imported conversations: 2")
    driver.qtbot.waitUntil(lambda: driver.titles == ["mine", "Two", "One"])
    notice = driver.window.notice
    driver.click({button.text(): button for button in notice.buttons}["Undo"])
    wait_notice(driver, "Removed conversations: 2")
    driver.qtbot.waitUntil(lambda: driver.titles == ["mine"])


def test_the_last_import_can_be_undone_later_but_not_what_goes_on(
    driver: Driver, tmp_path: Path
) -> None:
    dialog = start_import(driver, claude_file(tmp_path, "One", "Two"))
    driver.click(dialog.import_button)
    driver.qtbot.waitUntil(lambda: driver.titles == ["Two", "One"])
    driver.window.conversations.next()
    driver.wait_text("Answer")
    driver.ask("And then?")
    driver.window.commands.action("data.undo_import").trigger()
    box = found(driver, QMessageBox)
    assert "conversations.json" in box.text()
    button = next(b for b in box.buttons() if b.text() == "Undo the import")
    driver.click(button)
    wait_notice(driver, "Removed conversations: 1")
    driver.qtbot.waitUntil(lambda: driver.titles == ["Two"])
    driver.qtbot.waitUntil(lambda: driver.window.findChild(QMessageBox) is None)
    driver.window.commands.action("data.undo_import").trigger()
    wait_notice(driver, "There is no import to undo")


def test_an_import_that_is_refused_stores_nothing(driver: Driver, tmp_path: Path) -> None:
    dialog = start_import(driver, claude_file(tmp_path, "One"))
    driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    driver.program.conversations.reload()
    driver.ask("mine")
    assert driver.titles == ["mine"]


def test_a_file_of_another_kind_is_explained(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text("Dear diary")
    dialog = start_import(driver, path)
    assert dialog.summary.text() == "No conversation in it can be read."
    assert not dialog.import_button.isEnabled()
    driver.click(dialog.cancel_button)
    driver.window.transfer._on_source_selected(str(tmp_path / "missing.json"))
    wait_notice(driver, "The file cannot be read")
    assert not driver.program.transfer.is_busy


def test_reading_can_be_cancelled(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    entry = b'{"mapping": {}, "title": "x"},\n'
    path.write_bytes(b"[" + entry * 400_000 + b"{}]")
    press(driver, Qt.Key.Key_I)
    choose_file(driver, path)
    progress = found(driver, ProgressDialog)
    driver.qtbot.keyClick(progress, Qt.Key.Key_Escape)
    driver.qtbot.waitUntil(lambda: not driver.program.transfer.is_busy, timeout=30_000)
    driver.qtbot.waitUntil(lambda: driver.window.findChild(ProgressDialog) is None)
    assert driver.window.findChild(ImportDialog) is None


def test_one_conversation_is_exported_as_markdown(driver: Driver, tmp_path: Path) -> None:
    driver.ask("Is this a test?")
    driver.qtbot.waitUntil(lambda: driver.window.sidebar.list.current() is not None)
    press(driver, Qt.Key.Key_E)
    dialog = found(driver, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    assert dialog.one.isChecked()
    driver.click(dialog.export_button)
    choose_file(driver, tmp_path / "talk.md")
    wait_notice(driver, "Exported conversations: 1")
    text = (tmp_path / "talk.md").read_text()
    assert "## You\n\nIs this a test?\n\n## Small-Q4\n\nHello.\n" in text


def test_everything_goes_out_and_in_again(driver: Driver, tmp_path: Path) -> None:
    for question in ("first", "second"):
        driver.window.new_conversation()
        driver.ask(question)
    press(driver, Qt.Key.Key_E)
    dialog = found(driver, ExportDialog)
    assert isinstance(dialog, ExportDialog)
    for button in (dialog.all, *dialog.formats.values()):
        # A radio button answers to clicks on its words, which begin at the left.
        place = QPoint(SPACING, button.height() // 2)
        driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=place)
    assert dialog.all.isChecked()
    assert not dialog.thinking.isEnabled()
    driver.click(dialog.export_button)
    target = tmp_path / "all.json"
    choose_file(driver, target)
    wait_notice(driver, "Exported conversations: 2")
    assert len(json.loads(target.read_text())["conversations"]) == 2
    dialog = start_import(driver, target)
    assert dialog.summary.text() == "Conversations: 2. Messages: 4."
    driver.click(dialog.import_button)
    driver.qtbot.waitUntil(lambda: sorted(driver.titles) == ["first", "first", "second", "second"])


def test_a_backup_holds_everything(driver: Driver, tmp_path: Path) -> None:
    driver.ask("keep me")
    driver.window.commands.action("data.back_up").trigger()
    target = tmp_path / "copy.db"
    choose_file(driver, target)
    wait_notice(driver, "Everything was backed up")
    with closing(sqlite3.connect(target)) as copy:
        rows = copy.execute("SELECT content FROM messages ORDER BY id").fetchall()
    assert rows == [("keep me",), ("Hello.",)]
    assert [path.name for path in tmp_path.glob("*copy.db*")] == ["copy.db"]


def test_enter_confirms_the_dialogs(driver: Driver, tmp_path: Path) -> None:
    dialog = start_import(driver, claude_file(tmp_path, "One"))
    driver.qtbot.keyClick(dialog.import_button, Qt.Key.Key_Return)
    wait_notice(driver, "Imported conversations: 1")
    press(driver, Qt.Key.Key_E)
    export = found(driver, ExportDialog)
    driver.qtbot.keyClick(export.export_button, Qt.Key.Key_Return)
    chooser = found(driver, QFileDialog)
    chooser.reject()
