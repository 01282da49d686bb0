from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.views.composer import Composer
from app.views.theme import LIGHT


@pytest.fixture
def composer(qtbot: QtBot) -> Composer:
    made = Composer()
    qtbot.addWidget(made)
    made.set_theme(LIGHT)
    made.resize(500, 60)
    made.show()
    return made


def test_enter_sends_and_empties(qtbot, composer: Composer) -> None:
    qtbot.keyClicks(composer.edit, "hello")
    with qtbot.waitSignal(composer.submitted) as submitted:
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert submitted.args == ["hello"]
    assert composer.text == ""


def test_shift_enter_breaks_the_line(qtbot, composer: Composer) -> None:
    qtbot.keyClicks(composer.edit, "one")
    with qtbot.assertNotEmitted(composer.submitted):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer.edit, "two")
    assert composer.text == "one\ntwo"


def test_enter_belongs_to_the_input_method_while_it_composes(qtbot, composer: Composer) -> None:
    QApplication.sendEvent(composer.edit, QInputMethodEvent("にほ", []))
    with qtbot.assertNotEmitted(composer.submitted):
        event = QKeyEvent(
            QKeyEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier
        )
        composer.edit.keyPressEvent(event)
    done = QInputMethodEvent("", [])
    done.setCommitString("日本")
    QApplication.sendEvent(composer.edit, done)
    composer.set_text("日本")
    with qtbot.waitSignal(composer.submitted) as submitted:
        qtbot.keyClick(composer.edit, Qt.Key.Key_Return)
    assert submitted.args == ["日本"]


def test_grows_with_its_text_up_to_the_limit(qtbot, composer: Composer) -> None:
    composer.edit.set_max_height(200)
    line = composer.edit.fontMetrics().lineSpacing()
    one = composer.edit.height()
    composer.set_text("1\n2\n3")
    qtbot.waitUntil(lambda: composer.edit.height() == one + 2 * line)
    composer.set_text("word " * 60)
    qtbot.waitUntil(lambda: composer.edit.height() > one + line)
    composer.set_text("\n" * 100)
    qtbot.waitUntil(lambda: composer.edit.height() == 200)
    composer.set_text("")
    qtbot.waitUntil(lambda: composer.edit.height() == one)


def test_escape_stops_only_an_answer(qtbot, composer: Composer) -> None:
    with qtbot.assertNotEmitted(composer.stopped):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)
    composer.set_busy(True)
    with qtbot.waitSignal(composer.stopped):
        qtbot.keyClick(composer.edit, Qt.Key.Key_Escape)


def test_text_that_was_not_sent_comes_before_what_was_written_since(composer: Composer) -> None:
    composer.set_text("since")
    composer.give_back("before")
    assert composer.text == "before\nsince"


def test_models_are_left_to_the_window(composer: Composer) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/a.gguf")])
    data.setText("file:///tmp/a.gguf")
    assert not composer.edit.canInsertFromMimeData(data)
    data = QMimeData()
    data.setText("words")
    assert composer.edit.canInsertFromMimeData(data)


def test_pasted_files_are_given_and_not_written(qtbot, composer: Composer, tmp_path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.txt")), QUrl("https://example.org/b")])
    QApplication.clipboard().setMimeData(data)
    with qtbot.waitSignal(composer.files_given) as given:
        qtbot.keyClick(composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert given.args == [[tmp_path / "a.txt"]]
    assert composer.text == ""


def test_a_pasted_picture_is_told_and_not_written(qtbot, composer: Composer) -> None:
    QApplication.clipboard().setImage(QImage(4, 4, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(composer.picture_given):
        qtbot.keyClick(composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert composer.text == ""


def test_an_address_copied_in_a_browser_is_written(qtbot, composer: Composer) -> None:
    data = QMimeData()
    # As Qt gives what Firefox puts on the clipboard: a link with its address as text.
    data.setUrls([QUrl("https://example.org/a?b=c")])
    data.setText("https://example.org/a?b=c")
    assert composer.edit.canInsertFromMimeData(data)
    QApplication.clipboard().setMimeData(data)
    with qtbot.assertNotEmitted(composer.files_given):
        qtbot.keyClick(composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert composer.text == "https://example.org/a?b=c"
