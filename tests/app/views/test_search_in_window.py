from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import paths
from app.domain.attachments import Attachment, AttachmentKind
from app.domain.conversations import Status
from app.store import Repository, Store
from app.views.attachment_dialog import AttachmentDialog
from tests.app.views.driver import Driver

T = TypeVar("T")
NEEDLE = (
    "# Lamps\n\nThe **keeper** lights the lamp.\n\n```text\nlamp = on\n```\n\n🦉 sees 灯塔 there."
)


class Searcher:
    """Types into the field of the sidebar and looks at the hits."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.window = driver.window
        self.field = driver.window.sidebar.search
        self.results = driver.window.sidebar.results

    def press(self, key: Qt.Key) -> None:
        self.driver.qtbot.keyClick(QApplication.focusWidget() or self.window, key)

    def begin(self) -> None:
        self.driver.qtbot.keyClick(
            self.driver.composer.edit,
            Qt.Key.Key_F,
            Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
        )

    def type(self, text: str) -> None:
        if text.isascii():
            self.driver.qtbot.keyClicks(self.field, text)
        else:
            written = QInputMethodEvent()
            written.setCommitString(text)
            QApplication.sendEvent(self.field, written)
        self.wait(lambda: self.window.sidebar.hits.found.query.phrase == text.strip())

    def wait(self, condition: Callable[[], bool]) -> None:
        self.driver.qtbot.waitUntil(condition)

    @property
    def titles(self) -> list[str]:
        return [hit.title for hit in self.window.sidebar.hits.found.hits]

    @property
    def words(self) -> str:
        label = self.window.sidebar.found_label
        return label.text() if label.isVisible() else ""


def beside(work: Callable[[Repository], T]) -> T:
    """Write to the database as another process does."""
    store = Store(paths.database_path())
    try:
        return store.submit(work).result()
    finally:
        store.close()


def write(driver: Driver, title: str, *texts: str) -> int:
    """A conversation of questions and answers, as an earlier session left it."""

    def store(repository: Repository) -> int:
        talk = repository.create_conversation(title)
        last = None
        for number, text in enumerate(texts):
            if number % 2 == 0:
                last = repository.add_user_message(talk.id, text, parent_id=last).id
            else:
                assert last is not None
                reply = repository.begin_reply(talk.id, parent_id=last, model="m")
                last = reply.id
                repository.finish_reply(last, text, "", Status.COMPLETE, None)
        return talk.id

    made = beside(store)
    driver.program.conversations.reload()
    driver.qtbot.waitUntil(lambda: title in driver.titles)
    return made


@pytest.fixture
def searcher(driver: Driver) -> Searcher:
    return Searcher(driver)


@pytest.fixture
def lighthouse(driver: Driver) -> int:
    talk = [f"{kind} {number} " * 60 for number in range(20) for kind in ("ask", "say")]
    talk[21] = NEEDLE
    made = write(driver, "The lighthouse", *talk)
    write(driver, "Another lamp", "Where is it?", "On the table.")
    return made


def selected(driver: Driver) -> str:
    return driver.page.transcript.selecting.text()


def test_from_the_shortcut_to_the_place(
    driver: Driver, searcher: Searcher, lighthouse: int, qtbot: QtBot
) -> None:
    searcher.begin()
    qtbot.waitUntil(searcher.field.hasFocus)
    searcher.type("lamp")
    assert searcher.titles == ["Another lamp", "The lighthouse"]
    assert searcher.words == "2 hits"
    searcher.press(Qt.Key.Key_Down)
    searcher.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: selected(driver) == "Lamp")
    assert driver.page.conversation_id == lighthouse
    assert driver.window.windowTitle() == "The lighthouse – Conclave"
    view = driver.page.transcript
    assert not view.is_at_end()
    # The heading that was hit is in sight, in the upper half of the view.
    place = view.sight.place_at(QPointF(view.viewport().rect().center()))
    assert place is not None
    assert place.address.row == 21
    # Other hits stay at hand.
    assert searcher.field.hasFocus()


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("lamp = on", "lamp = on"),
        ("灯塔", "灯塔"),
        ("keeper lights the lamp", "keeper lights the lamp"),
        ("sees there", "sees"),
    ],
)
def test_the_hit_is_marked_as_it_is_shown(
    driver: Driver, searcher: Searcher, lighthouse: int, typed: str, marked: str
) -> None:
    searcher.begin()
    searcher.type(typed)
    searcher.press(Qt.Key.Key_Return)
    searcher.wait(lambda: selected(driver) == marked)


def test_enter_waits_for_the_hits_of_a_fast_typist(
    driver: Driver, searcher: Searcher, lighthouse: int
) -> None:
    searcher.begin()
    driver.qtbot.keyClicks(searcher.field, "the table")
    searcher.press(Qt.Key.Key_Return)
    searcher.wait(lambda: selected(driver) == "the table")
    assert driver.texts == ["Where is it?", "On the table."]


def test_a_click_opens_a_hit_and_esc_leaves(
    driver: Driver, searcher: Searcher, lighthouse: int, qtbot: QtBot
) -> None:
    searcher.begin()
    searcher.type("lamp")
    index = searcher.window.sidebar.hits.index(1)
    place = searcher.results.visualRect(index).center()
    qtbot.mouseClick(searcher.results.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: selected(driver) == "Lamp")
    searcher.press(Qt.Key.Key_Escape)
    assert searcher.field.text() == ""
    assert driver.window.sidebar.list.isVisible()
    assert driver.window.sidebar.list.current() is not None
    assert driver.composer.edit.hasFocus()


def test_a_title_opens_its_conversation(
    driver: Driver, searcher: Searcher, lighthouse: int, qtbot: QtBot
) -> None:
    searcher.begin()
    searcher.type("another l")
    searcher.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: driver.texts == ["Where is it?", "On the table."])
    assert driver.window.windowTitle() == "Another lamp – Conclave"


def test_nothing_is_found(driver: Driver, searcher: Searcher, lighthouse: int) -> None:
    searcher.begin()
    searcher.type("no such words")
    assert searcher.titles == []
    assert searcher.words == "Nothing found"
    searcher.press(Qt.Key.Key_Return)
    assert driver.page.conversation_id is None


def test_a_hit_on_a_branch_out_of_sight_is_shown(driver: Driver, searcher: Searcher) -> None:
    talk = write(driver, "Two ways", "the first question", "to the left")

    def branch(repository: Repository) -> None:
        other = repository.add_user_message(talk, "the second question", parent_id=None)
        reply = repository.begin_reply(talk, parent_id=other.id, model="m")
        repository.finish_reply(reply.id, "to the right", "", Status.COMPLETE, None)

    beside(branch)
    driver.open(talk)
    searcher.wait(lambda: driver.texts == ["the second question", "to the right"])
    searcher.begin()
    searcher.type("first")
    searcher.press(Qt.Key.Key_Return)
    searcher.wait(lambda: selected(driver) == "first")
    assert driver.texts == ["the first question", "to the left"]


def test_the_sidebar_comes_for_the_search(driver: Driver, searcher: Searcher) -> None:
    driver.window.toggle_sidebar()
    assert not driver.window.sidebar.isVisible()
    searcher.begin()
    assert searcher.field.isVisible()
    assert searcher.field.hasFocus()


def test_folded_thinking_opens_at_the_hit(driver: Driver, searcher: Searcher, qtbot: QtBot) -> None:
    def think(repository: Repository) -> int:
        talk = repository.create_conversation("Deep")
        asked = repository.add_user_message(talk.id, "Why?", parent_id=None)
        reply = repository.begin_reply(talk.id, parent_id=asked.id, model="m")
        thought = "At first.\n\n" + "Then more. " * 300 + "\n\nPerhaps the ferry is late."
        repository.finish_reply(reply.id, "Because.", thought, Status.COMPLETE, None)
        return talk.id

    talk = beside(think)
    driver.program.conversations.reload()
    qtbot.waitUntil(lambda: "Deep" in driver.titles)
    searcher.begin()
    searcher.type("ferry")
    index = searcher.window.sidebar.hits.index(0)
    line, marks = index.data(searcher.window.sidebar.hits.LINE_ROLE)
    assert line.startswith("Thinking: … ")
    assert [line[start:end] for start, end in marks] == ["ferry"]
    searcher.press(Qt.Key.Key_Return)
    searcher.wait(lambda: selected(driver) == "ferry")
    assert driver.page.conversation_id == talk


def test_a_hit_in_a_file_opens_the_file_there(
    driver: Driver, searcher: Searcher, qtbot: QtBot
) -> None:
    words = "one line\n" * 500 + "🦉 the Basil needs sun\n" + "another\n" * 500

    def attach(repository: Repository) -> None:
        talk = repository.create_conversation("Garden")
        asked = repository.add_user_message(talk.id, "Read", parent_id=None)
        notes = Attachment("notes.txt", AttachmentKind.TEXT, len(words), "ab", words)
        repository.attachments.add(asked, [notes])

    beside(attach)
    driver.program.conversations.reload()
    qtbot.waitUntil(lambda: "Garden" in driver.titles)
    searcher.begin()
    searcher.type("basil")
    hits = searcher.window.sidebar.hits
    assert hits.index(0).data(hits.LINE_ROLE)[0].startswith("notes.txt: … ")
    spoken = hits.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("File notes.txt, in Garden: … ")
    searcher.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: driver.window.findChild(AttachmentDialog) is not None)
    dialog = driver.window.findChild(AttachmentDialog)
    qtbot.waitUntil(lambda: dialog.edit.textCursor().selectedText() == "Basil")
    assert dialog.edit.verticalScrollBar().value() > 400
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
