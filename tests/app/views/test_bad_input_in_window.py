"""What is meant to break or to lead astray, all the way through the window."""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.views.import_dialog import ImportDialog
from inference.engine import TextDelta
from tests.app.views.driver import Driver
from tests.app.views.test_reading import MAX_STALL_S, Heartbeat
from tests.app.views.test_search_in_window import write
from tests.fakes.engine import FakeEngine, finished

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_characters_that_would_be_unseen_are_shown_and_survive(
    driver: Driver, engine: FakeEngine
) -> None:
    engine.answers(TextDelta("a\u202eb\u2066c \x1b[1m\x07 d\ud800e"), finished())
    driver.composer.edit.setPlainText("x\u202ey")
    driver.enter()
    driver.wait_idle()
    conversation = driver.page.conversation_id
    assert conversation is not None
    view = driver.page.transcript
    shown = ["x[U+202E]y", "a[U+202E]b[U+2066]c \u241b[1m\u2407 d\ufffde"]
    for _opened in range(2):
        driver.qtbot.waitUntil(lambda: len(driver.messages) == 2)
        driver.qtbot.keyClick(view, Qt.Key.Key_A, CONTROL)
        driver.qtbot.keyClick(view, Qt.Key.Key_C, CONTROL)
        copied = QApplication.clipboard().text()
        assert all(words in copied for words in shown)
        # As it comes back from the database, which cannot hold half a character.
        driver.window.new_conversation()
        driver.open(conversation)


def test_titles_hide_nothing_wherever_they_are_shown(driver: Driver) -> None:
    write(driver, "pay \u202e100\u2066 now\nor", "Say \u202eabc pay", "Yes")
    title = "pay [U+202E]100[U+2066] now or"
    model = driver.window.conversation_list
    row = next(r for r in range(model.rowCount()) if "pay" in str(model.index(r).data()))
    assert model.index(row).data() == title
    driver.qtbot.keyClick(driver.composer.edit, Qt.Key.Key_K, CONTROL)
    palette = driver.window.command_palette
    driver.qtbot.keyClicks(palette.field, "100")
    assert palette.model.index(0).data() == title
    driver.qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    driver.qtbot.waitUntil(lambda: driver.window.windowTitle() == f"{title} – Conclave")
    driver.window.sidebar.search.setFocus()
    driver.qtbot.keyClicks(driver.window.sidebar.search, "pay")
    hits = driver.window.sidebar.hits
    driver.qtbot.waitUntil(lambda: hits.rowCount() == 2)
    lines = [hits.index(number).data(hits.LINE_ROLE) for number in range(2)]
    assert [line for line, _marks in lines] == [title, "Say [U+202E]abc pay"]
    for line, marks in lines:
        assert [line[start:end] for start, end in marks] == ["pay"]


def test_an_import_of_fifty_thousand_rows_lists_what_is_broken(
    driver: Driver, tmp_path: Path
) -> None:
    said = [{"uuid": "1", "sender": "human", "text": "Hi"}]
    entries = [json.dumps({"name": f"n{n}", "chat_messages": said}) for n in range(500)]
    path = tmp_path / "conversations.json"
    with path.open("w") as file:
        file.write("[")
        for number in range(50_000):
            entry = entries[number % 500] if number % 100 else '{"name": "broken"}'
            file.write(("," if number else "") + entry)
        file.write("]")
    heartbeat = Heartbeat()
    driver.program.transfer.preview(path)
    driver.qtbot.waitUntil(
        lambda: driver.window.findChild(ImportDialog) is not None, timeout=120_000
    )
    dialog = driver.window.findChild(ImportDialog)
    driver.qtbot.waitUntil(dialog.isVisible)
    assert dialog.summary.text() == "Conversations: 49,500. Messages: 49,500."
    assert dialog.broken.text() == "Entries left out: 500. Remarks on others: 0."
    assert dialog.faults.model().rowCount() == 500
    assert heartbeat.longest_s < MAX_STALL_S
    driver.click(dialog.import_button)
    driver.qtbot.waitUntil(
        lambda: (
            driver.window.notice.notice is not None
            and driver.window.notice.notice.title == "Imported conversations: 49,500"
        ),
        timeout=120_000,
    )
    driver.qtbot.waitUntil(
        lambda: driver.window.conversation_list.rowCount() > 49_000, timeout=60_000
    )
    driver.qtbot.wait(50)
    assert heartbeat.longest_s < MAX_STALL_S
