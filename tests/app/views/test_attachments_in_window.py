from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.services.models import ModelPhase
from app.store import Store
from app.views.attachment_dialog import AttachmentDialog
from inference.engine import Counted, CountRequest, TextDelta
from tests.app.documents.files import encrypted_pdf, pdf
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, UntilCancelled, WaitFor, finished

PATIENCE_MS = 30_000
"""Each file starts a process."""


def paste(driver: Driver, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    QApplication.clipboard().setMimeData(data)
    driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def chips(driver: Driver) -> list[str]:
    return [chip.open_button.text() for chip in driver.composer.chips.chips]


def wait_chips(driver: Driver, *words: str) -> None:
    driver.qtbot.waitUntil(lambda: chips(driver) == list(words), timeout=PATIENCE_MS)


def dialog(driver: Driver) -> AttachmentDialog:
    found: list[AttachmentDialog] = []

    def is_open() -> bool:
        found[:] = [one for one in driver.window.findChildren(AttachmentDialog) if one.isVisible()]
        return bool(found)

    driver.qtbot.waitUntil(is_open)
    return found[0]


def test_a_pasted_file_is_counted_sent_and_opened_from_the_transcript(
    driver: Driver, engine: FakeEngine, tmp_path: Path
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("basil needs sun\n")
    paste(driver, path)
    wait_chips(driver, "notes.txt · 3 tokens")
    assert driver.composer.chips.chips[0].open_button.accessibleName() == "notes.txt, 3 tokens"

    driver.ask("Where?")

    asked = engine.generate_requests[-1].messages[-1].content
    assert asked == "Attached file: notes.txt\n```\nbasil needs sun\n```\n\nWhere?"
    assert chips(driver) == []
    assert driver.texts[0] == "Where?"
    assert [file.name for file in driver.messages[0].attachments] == ["notes.txt"]

    view = driver.page.transcript
    view.grab()  # lays it out
    spots = (view.sight.spot_at(QPointF(x, y)) for y in range(0, 200, 4) for x in (200, 400, 600))
    chip = next(spot for spot in spots if spot and hasattr(spot.entry.piece, "attachment"))
    place = view.sight.offset_of(chip) + QPoint(20, chip.entry.piece.height // 2)
    driver.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    shown = dialog(driver)
    assert shown.edit.toPlainText() == "basil needs sun\n"
    driver.qtbot.keyClick(shown, Qt.Key.Key_Escape)


def test_files_dropped_on_the_window_are_attached_and_removed(
    driver: Driver, engine: FakeEngine, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "b.pdf").write_bytes(pdf("One two", "three"))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.py", "b.pdf")])
    driver.window.dropEvent(
        QDropEvent(
            QPointF(300, 300),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    wait_chips(driver, "a.py · 3 tokens", "b.pdf · 3 tokens")

    driver.click(driver.composer.chips.chips[0].remove_button)
    wait_chips(driver, "b.pdf · 3 tokens")
    driver.enter()  # a file needs no words
    driver.wait_text("Hello.")

    assert "One two\n\nthree" in engine.generate_requests[-1].messages[-1].content
    assert driver.titles == ["b.pdf"]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", encrypted_pdf("pass"), "“a.pdf” is protected"),
        ("a.pdf", pdf("Hello")[:300], "“a.pdf” is damaged"),
        ("a.bin", bytes(99), "“a.bin” is not a text"),
        ("a.txt", b"", "“a.txt” is empty"),
        ("a.txt", None, "“a.txt” is not there"),
    ],
)
def test_a_refused_file_is_told_and_nothing_is_lost(
    driver: Driver, tmp_path: Path, name: str, data: bytes | None, words: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    driver.type("What is this?")
    paste(driver, tmp_path / name)

    driver.qtbot.waitUntil(lambda: driver.notice == words, timeout=PATIENCE_MS)
    assert chips(driver) == []
    assert driver.composer.text == "What is this?"


def test_a_file_without_room_is_refused_with_the_numbers(
    driver: Driver, engine: FakeEngine, tmp_path: Path
) -> None:
    def counted(request: CountRequest) -> Counted:
        return Counted(2116, 2116, 2048, (2100,)) if request.texts else Counted(4, 4, 2048)

    engine.count = counted
    (tmp_path / "long.txt").write_text("word " * 2100)
    driver.type("What is this?")
    paste(driver, tmp_path / "long.txt")
    driver.qtbot.waitUntil(lambda: driver.notice == "“long.txt” does not fit", timeout=PATIENCE_MS)

    shown = driver.page.notice.notice
    assert shown is not None
    # 2,048 less 32 for the answer, less 16 for what is not the file.
    assert shown.detail == (
        "It has 2,100 tokens; of the context of 2,048, 2,000 are left beside the rest of your "
        "message."
    )
    assert chips(driver) == []
    driver.qtbot.waitUntil(lambda: driver.page.tokens.text() == "4 of 2,048 tokens")


def test_a_message_that_is_too_long_is_not_sent(driver: Driver, engine: FakeEngine) -> None:
    engine.count = lambda request: Counted(3000, 3000, 2048)
    driver.type("long")
    words = "3,000 tokens: too long for the context of 2,048"
    driver.qtbot.waitUntil(lambda: driver.page.tokens.text() == words)
    driver.enter()

    driver.qtbot.waitUntil(lambda: driver.notice == "This message is too long for the model")
    assert driver.composer.text == "long"
    assert not engine.generate_requests


def test_tokens_are_estimated_while_an_answer_runs(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("So"), UntilCancelled())
    driver.type("Why?")
    driver.qtbot.waitUntil(lambda: driver.page.tokens.text() == "1 of 2,048 tokens")
    driver.enter()
    driver.wait_text("So")
    n_requests = len(engine.requests)
    driver.type("eightish")
    # "Why?" and "So" are one token each, four bytes to the token.
    driver.qtbot.waitUntil(lambda: driver.page.tokens.text() == "about 4 tokens")

    assert len(engine.requests) == n_requests
    driver.escape()
    driver.qtbot.waitUntil(lambda: driver.page.tokens.text() == "3 of 2,048 tokens")


def test_tokens_are_counted_when_a_title_is_written(driver: Driver, engine: FakeEngine) -> None:
    gate = threading.Event()
    engine.titles(WaitFor(gate), TextDelta("Names"), finished())
    driver.ask("Why?")
    driver.qtbot.waitUntil(lambda: bool(engine.title_requests), timeout=20_000)
    driver.type("one two three")
    driver.qtbot.waitUntil(lambda: driver.page.tokens.text() == "about 7 tokens")
    gate.set()
    driver.qtbot.waitUntil(lambda: driver.page.tokens.text() == "5 of 2,048 tokens")


def test_a_sent_question_does_not_wait_for_its_count(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("Yes"), finished())
    driver.type("Quick?")
    driver.enter()
    driver.wait_text("Yes")

    assert not [one for one in engine.requests if isinstance(one, CountRequest)]


def test_files_of_a_draft_are_still_there_after_a_restart(
    driver: Driver, qtbot: QtBot, engine: FakeEngine, start: list[Program], tmp_path: Path
) -> None:
    driver.ask("First?")
    first = driver.page.conversation_id
    assert first is not None
    (tmp_path / "notes.txt").write_text("basil needs sun\n")
    (tmp_path / "new.txt").write_text("mint\n")
    paste(driver, tmp_path / "notes.txt")
    wait_chips(driver, "notes.txt · 3 tokens")
    driver.window.new_conversation()
    paste(driver, tmp_path / "new.txt")
    wait_chips(driver, "new.txt · 1 tokens")
    driver.window.close()
    driver.program.close()

    again_engine = FakeEngine()
    program = Program(Store(paths.database_path(), timeout_s=0.2), again_engine)
    start.append(program)
    program.start()
    again = Driver(qtbot, program)
    qtbot.waitUntil(lambda: program.models.state.phase is ModelPhase.READY)
    wait_chips(again, "new.txt · 1 tokens")
    qtbot.waitUntil(lambda: len(again.titles) == 1)
    again.open(first)
    wait_chips(again, "notes.txt · 3 tokens")
    again.type("Where?")
    again.enter()
    again.wait_text("Hello.")
    again.wait_idle()
    asked = again_engine.generate_requests[-1].messages[-1].content
    assert asked == "Attached file: notes.txt\n```\nbasil needs sun\n```\n\nWhere?"
    assert chips(again) == []
    assert again.program.drafts.files.keys() == {None}


def test_what_is_not_counted_yet_is_not_counted_after_the_end(driver: Driver) -> None:
    driver.type("not sent")
    timer = driver.program.counter._timer
    driver.qtbot.waitUntil(timer.isActive)
    driver.program.end()
    driver.program.close()
    # The window may be gone before the timer is.
    assert not timer.isActive()
