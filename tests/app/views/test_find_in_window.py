"""Finding words in the conversation on the page."""

from __future__ import annotations

import time

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from app.domain.conversations import Status
from app.views.find_bar import FindBar
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.entry import Section
from inference.engine import TextDelta, ThinkingDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, finished

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def open_bar(driver: Driver, words: str) -> FindBar:
    QTest.keyClick(driver.window, Qt.Key.Key_F, CONTROL)
    bar = driver.page.find_bar
    driver.qtbot.waitUntil(bar.isVisible)
    driver.qtbot.keyClicks(bar.edit, words)
    return bar


def wait_count(driver: Driver, words: str) -> None:
    driver.qtbot.waitUntil(lambda: driver.page.find_bar.count.text() == words, timeout=20_000)


def marked(driver: Driver, row: int) -> list[tuple[str, bool]]:
    """The words that are marked in a message, and whether they are where the reader is."""
    driver.page.transcript.viewport().grab()
    item = driver.page.transcript._layout.item(row)
    return [
        (entry.piece.text(mark.start, mark.end), mark.current)
        for entry in item.entries
        for mark in entry.piece.marks
    ]


def test_hits_are_counted_marked_and_stepped_through(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(
        TextDelta("A **bo**x, 🙂 box\n\n```py\nBOX = 1\n```\n\n|x|box|\n|-|-|\n|1|2|"), finished()
    )
    driver.ask("Which box?")
    bar = open_bar(driver, "box")
    wait_count(driver, "1 of 5")
    assert marked(driver, 0) == [("box", True)]
    assert marked(driver, 1) == [("box", False)] * 2 + [("BOX", False), ("box", False)]
    QTest.keyClick(bar.edit, Qt.Key.Key_Return)
    QTest.keyClick(bar.edit, Qt.Key.Key_Return)
    wait_count(driver, "3 of 5")
    assert marked(driver, 1)[1] == ("box", True)
    for _ in range(3):
        QTest.keyClick(bar.edit, Qt.Key.Key_Return, SHIFT)
    wait_count(driver, "5 of 5")
    driver.click(bar.next_button)
    wait_count(driver, "1 of 5")
    bar.edit.clear()
    driver.qtbot.keyClicks(bar.edit, "none of this")
    wait_count(driver, "Nothing found")
    QTest.keyClick(bar.edit, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert marked(driver, 1) == []
    assert driver.page.transcript.hasFocus()


def test_a_hit_in_folded_thinking_opens_it(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(ThinkingDelta("a *secret* thought"), TextDelta("plain"), finished())
    driver.ask("q")
    item = driver.page.transcript._layout.item
    assert not item(1).thought_is_open
    open_bar(driver, "secret thought")
    wait_count(driver, "1 of 1")
    assert item(1).thought_is_open
    assert marked(driver, 1) == [("secret thought", True)]


def test_what_is_selected_is_searched_for(driver: Driver) -> None:
    driver.ask("two")
    driver.ask("one two")
    viewport = driver.page.transcript.viewport()
    QTest.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=place_of_text(driver, 0))
    bar = open_bar(driver, "")
    wait_count(driver, "1 of 2")
    assert bar.edit.selectedText() == "two"
    QTest.keyClick(bar.edit, Qt.Key.Key_Escape)
    driver.page.transcript.selecting.select(None)
    QTest.keyClick(driver.window, Qt.Key.Key_F, CONTROL)
    wait_count(driver, "1 of 2")
    assert bar.edit.selectedText() == "two"


def place_of_text(driver: Driver, row: int) -> QPoint:
    """A point on the first word of a message."""
    transcript = driver.page.transcript
    entry = transcript._layout.item(row).find(Section.TEXT, 0)
    assert entry is not None
    return QPoint(
        transcript._layout.column_left + entry.x, transcript.sight.box_of(row).top()
    ) + QPoint(6, entry.y + 8)


def test_a_hit_far_to_the_side_is_brought_into_sight(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("```\n" + "x " * 400 + "needle\n```"), finished())
    driver.ask("q")
    open_bar(driver, "needle")
    wait_count(driver, "1 of 1")
    entry = driver.page.transcript._layout.item(1).find(Section.TEXT, 0)
    assert entry is not None
    assert isinstance(entry.piece, CodePiece)
    sideways = entry.piece.sideways
    assert sideways is not None
    at = entry.piece.left_of(800)
    assert sideways.offset <= at <= sideways.offset + sideways.frame.width()


def test_what_comes_while_searching_is_found_too(driver: Driver) -> None:
    driver.ask("one needle")
    open_bar(driver, "needle")
    wait_count(driver, "1 of 1")
    driver.ask("another needle")
    wait_count(driver, "1 of 2")


def test_five_thousand_messages_are_searched_without_a_stall(driver: Driver) -> None:
    def fill(repository) -> int:  # type: ignore[no-untyped-def]
        with repository.transaction():
            conversation = repository.create_conversation("long")
            parent_id = None
            for number in range(2500):
                question = repository.add_user_message(
                    conversation.id, f"question {number}", parent_id=parent_id
                )
                reply = repository.begin_reply(conversation.id, parent_id=question.id, model="M")
                text = f"*answer* {number}\n\n- about a needle\n\n" + "some words and more " * 20
                repository.finish_reply(reply.id, text, "", Status.COMPLETE, None)
                parent_id = reply.id
        return conversation.id

    conversation_id = driver.program._store.submit(fill).result()
    driver.program.conversations.reload()
    driver.qtbot.waitUntil(lambda: driver.titles == ["long"])
    driver.open(conversation_id)
    driver.qtbot.waitUntil(lambda: len(driver.messages) == 5000, timeout=20_000)

    longest_s = 0.0
    before = time.thread_time()

    def beat() -> None:
        nonlocal longest_s, before
        now = time.thread_time()
        longest_s, before = max(longest_s, now - before), now

    heart = QTimer(interval=5)
    heart.timeout.connect(beat)
    bar = driver.page.find_bar
    driver.window.find_in_conversation()
    bar.edit.setText("needle")
    before = time.thread_time()
    heart.start()
    driver.qtbot.waitUntil(lambda: bar.count.text().endswith(" of 2,500"), timeout=20_000)
    heart.stop()
    assert longest_s < 0.1
    bar.edit.setText("question 0")
    wait_count(driver, "1 of 1")
    assert not driver.page.transcript.is_at_end()
