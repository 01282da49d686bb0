"""Text that is too long for a field: the window goes on, and says what became of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.domain.attachments import Attachment, AttachmentKind
from app.domain.search import Query
from app.views.attachment_dialog import AttachmentDialog
from app.views.plain_edit import PlainEdit
from tests.app.views.driver import Driver
from tests.app.views.test_reading import MAX_STALL_S, Heartbeat
from tests.app.views.test_search_in_window import beside

CONTROL = Qt.KeyboardModifier.ControlModifier


def paste(driver: Driver, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_V, CONTROL)


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "word " * 200_000, "a line\n" * 140_000],
    ids=["no space", "words", "lines"],
)
def test_a_pasted_megabyte_becomes_a_file_that_can_be_read(driver: Driver, text: str) -> None:
    heartbeat = Heartbeat()
    driver.type("See ")
    paste(driver, text)
    driver.qtbot.waitUntil(lambda: len(driver.page.drafting.attachments) == 1, timeout=30_000)
    assert driver.composer.text == "See "
    (file,) = driver.page.drafting.attachments
    assert (file.name, file.text) == ("Pasted text.txt", text)
    driver.page.drafting.show_text(file)
    dialog = driver.window.findChild(AttachmentDialog)
    shown = dialog.edit.document()
    driver.qtbot.waitUntil(lambda: shown.characterCount() > len(text), timeout=30_000)
    driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert heartbeat.longest_s < MAX_STALL_S


def test_what_was_pasted_before_counts_too(driver: Driver) -> None:
    paste(driver, "y" * 30_000)
    assert len(driver.composer.text) == 30_000
    paste(driver, "z" * 30_000)
    driver.qtbot.waitUntil(lambda: len(driver.page.drafting.attachments) == 1)
    assert len(driver.composer.text) == 30_000


def test_a_long_message_is_edited_and_a_longer_one_is_refused(driver: Driver) -> None:
    driver.ask("first")
    conversation = driver.page.conversation_id
    assert conversation is not None
    heartbeat = Heartbeat()
    for length in (90_000, 1_000_000):
        parent = driver.messages[-1].id
        beside(
            lambda rows, length=length, parent=parent: rows.add_user_message(
                conversation, "x" * length, parent_id=parent
            )
        )
        driver.window.new_conversation()
        driver.open(conversation)
        driver.qtbot.waitUntil(
            lambda length=length: [len(text) for text in driver.texts[-1:]] == [length]
        )
        driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_Up)
        if length == 90_000:
            assert len(driver.composer.text) == length
            driver.escape()
    assert driver.composer.text == ""
    driver.qtbot.waitUntil(lambda: driver.notice == "This message is too long to be edited here")
    assert heartbeat.longest_s < MAX_STALL_S


def test_a_place_far_down_is_shown_when_it_is_there(driver: Driver) -> None:
    text = "🦉\r\n" + "x" * 9_000 + "\n" + "one line\n" * 60_000 + "the 🦉 Basil\u202e needs\nsun"
    file = Attachment("a.txt", AttachmentKind.TEXT, 1, "ab", text)
    dialog = AttachmentDialog(file, driver.window)
    dialog.open()
    dialog.reveal(Query.parse("basil[U+202E] needs sun"))
    driver.qtbot.waitUntil(lambda: dialog.edit.textCursor().hasSelection(), timeout=30_000)
    assert dialog.edit.textCursor().selectedText() == "Basil[U+202E] needs\u2029sun"
    driver.qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_field_wraps_a_word_without_end_anywhere(driver: Driver) -> None:
    heartbeat = Heartbeat()
    field = PlainEdit(driver.window)
    field.resize(300, 200)
    field.show()
    QGuiApplication.clipboard().setText("x" * 200_000)
    driver.qtbot.keyClick(field, Qt.Key.Key_V, CONTROL)
    driver.qtbot.wait(50)
    assert len(field.toPlainText()) == 200_000
    assert heartbeat.longest_s < MAX_STALL_S
