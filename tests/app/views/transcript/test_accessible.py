"""The transcript read as a screen reader reads it: from the window down its tree."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from app.domain.attachments import Attachment, AttachmentKind
from app.domain.conversations import Message, Role, Status
from app.item_models.transcript import TranscriptModel
from app.views.transcript import TranscriptView
from inference.engine import TextDelta, ThinkingDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, UntilCancelled, finished

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Text = QAccessible.Text
CONTROL = Qt.KeyboardModifier.ControlModifier


def walk(item: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    yield item
    for index in range(item.childCount()):
        child = item.child(index)
        assert child is not None
        yield from walk(child)


def transcript_of(driver: Driver) -> QAccessibleInterface:
    """Found by walking down from the window, as assistive technology does."""
    window = QAccessible.queryAccessibleInterface(driver.window)
    found = [item for item in walk(window) if item.text(Text.Name) == "Conversation"]
    assert [item.role() for item in found] == [QAccessible.Role.List]
    return found[0]


def messages_of(driver: Driver) -> list[QAccessibleInterface]:
    items = list(walk(transcript_of(driver)))
    return [item for item in items if item.role() == QAccessible.Role.ListItem]


def text_of(item: QAccessibleInterface) -> str:
    """All its text, asked for as Qt's bridges ask."""
    text = item.textInterface()
    assert text is not None
    return text.text(0, text.characterCount())


def test_the_whole_transcript_is_read_from_the_window(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("**Two** things:\n\n- one\n- `two`\n"), finished())
    driver.ask("What is there?")
    engine.answers(ThinkingDelta("Hm."), TextDelta("Emoji 😀 and 中文."), finished())
    driver.ask("And then?")
    items = messages_of(driver)

    answer = f"Answer of {driver.messages[1].model}"
    assert [item.text(Text.Name) for item in items] == ["You", answer, "You", answer]
    assert [text_of(item).replace("\n\n", "\n") for item in items] == [
        "What is there?",
        "Two things:\n• one\n• two",
        "And then?",
        "Emoji 😀 and 中文.",
    ]
    assert "Thought" in items[3].text(Text.Description)
    # In Qt's counting the picture takes two places.
    text = items[3].textInterface()
    assert text.characterCount() == len("Emoji 😀 and 中文.") + 1
    assert text.text(6, 8) == "😀"
    assert text.text(13, -1) == "中文."
    # What it has not, Qt must be told in a way that does not end the program.
    assert items[3].valueInterface() is None
    assert items[3].tableCellInterface() is None

    # Thinking that is opened is read, too.
    driver.page.transcript.toggle_thought(3)
    assert text_of(items[3]).startswith("Hm.")


def test_items_know_their_place_and_their_parent(driver: Driver) -> None:
    driver.ask("First")
    driver.ask("Second")
    parent = transcript_of(driver)
    items = messages_of(driver)
    assert [parent.indexOfChild(item) for item in items] == [0, 1, 2, 3]
    assert all(item.parent() is parent and item.childCount() == 0 for item in items)
    assert all(item.isValid() and item.window() is not None for item in items)

    view = driver.page.transcript
    for row, item in enumerate(items):
        box = view.sight.box_of(row)
        assert item.rect().topLeft() == view.viewport().mapToGlobal(box.topLeft())
        middle = item.rect().center()
        found = parent.childAt(middle.x(), middle.y())
        assert found is item
    outside = view.mapToGlobal(QPoint(-50, 10))
    assert parent.childAt(outside.x(), outside.y()) is None


def test_the_keyboard_moves_the_focus_among_the_items(driver: Driver) -> None:
    driver.ask("First")
    driver.ask("Second")
    view = driver.page.transcript
    view.setFocus(Qt.FocusReason.TabFocusReason)
    items = messages_of(driver)

    driver.qtbot.keyClick(view, Qt.Key.Key_Up, CONTROL)
    driver.qtbot.keyClick(view, Qt.Key.Key_Up, CONTROL)
    assert [item.state().focused for item in items] == [0, 1, 0, 0]
    assert transcript_of(driver).focusChild() is items[1]

    # And as assistive technology moves it.
    actions = items[2].actionInterface()
    driver.composer.setFocus()
    actions.doAction(actions.setFocusAction())
    assert [item.state().focused for item in items] == [0, 0, 1, 0]
    actions.doAction(actions.showMenuAction())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()


def test_a_growing_answer_is_busy_and_read_as_far_as_it_is(
    driver: Driver, engine: FakeEngine
) -> None:
    engine.answers(TextDelta("So far"), UntilCancelled())
    driver.type("Go on")
    driver.enter()
    driver.wait_text("So far")
    item = messages_of(driver)[1]
    assert item.state().busy
    assert text_of(item) == "So far"

    driver.escape()
    driver.wait_status(Status.STOPPED)
    assert not item.state().busy
    assert "Stopped" in item.text(Text.Description)


def test_items_of_another_conversation_are_gone(driver: Driver) -> None:
    driver.ask("First")
    items = messages_of(driver)
    numbers = [QAccessible.uniqueId(item) for item in items]
    driver.window.new_conversation()
    assert all(not shiboken6.isValid(item) for item in items)
    assert [QAccessible.accessibleInterface(number) for number in numbers] == [None, None]
    assert len(driver.page.transcript.accessibility.items) == 0


def message(number: int, role: Role, text: str, *files: Attachment) -> Message:
    return Message(
        number, 1, number - 1 or None, role, text, "", Status.COMPLETE, NOW, attachments=files
    )


def test_a_closed_view_is_not_kept_for_the_sake_of_its_items(qtbot: QtBot) -> None:
    view = TranscriptView()
    model = TranscriptModel()
    model.reset([message(1, Role.USER, "Secret")])
    view.setModel(model)
    tree = QAccessible.queryAccessibleInterface(view)
    item = tree.child(0)
    assert text_of(item) == "Secret"
    gone = weakref.ref(view), weakref.ref(model)
    numbers = QAccessible.uniqueId(tree), QAccessible.uniqueId(item)
    del view, model
    gc.collect()
    assert [each() for each in gone] == [None, None]
    assert not shiboken6.isValid(item)
    assert [QAccessible.accessibleInterface(number) for number in numbers] == [None, None]


def test_what_is_asked_of_a_window_that_is_gone_has_an_answer(qtbot: QtBot) -> None:
    view = TranscriptView()
    model = TranscriptModel()
    model.reset([message(1, Role.USER, "Here")])
    view.setModel(model)
    item = QAccessible.queryAccessibleInterface(view).child(0)
    shiboken6.delete(view)
    assert (item.isValid(), item.state().invalid, item.text(Text.Name)) == (False, 1, "")
    assert (item.parent(), item.window(), item.rect().isValid()) == (None, None, False)
    assert text_of(item) == ""
    item.actionInterface().doAction(item.actionInterface().setFocusAction())


@pytest.fixture
def long_view(driver: Driver) -> TranscriptView:
    """5,000 messages on the page."""
    roles = (Role.USER, Role.ASSISTANT)
    driver.page.path.begin(1)
    driver.page.body.set_empty(False)
    driver.page.messages.reset(
        [message(number, roles[number % 2 - 1], f"Message {number}") for number in range(1, 5001)]
    )
    return driver.page.transcript


def test_many_messages_cost_nothing_until_they_are_asked_for(
    driver: Driver, long_view: TranscriptView
) -> None:
    items = long_view.accessibility.items
    tree = QAccessible.queryAccessibleInterface(long_view)
    assert tree.childCount() >= 5000
    assert len(items) == 0
    far = tree.child(2500)
    assert far is not None
    assert text_of(far) == "Message 2501"
    assert far.rect().isValid()
    assert far.state().offscreen
    assert len(items) == 1
    # Nothing was laid out for it.
    assert long_view._layout.opened(2500) is None
    assert driver.page.messages.rowCount() == 5000


def test_files_of_a_message_are_named(driver: Driver, long_view: TranscriptView) -> None:
    file = Attachment("notes.txt", AttachmentKind.TEXT, 10, "0" * 64, "Some notes")
    driver.page.messages.reset([message(1, Role.USER, "Read this", file)])
    item = QAccessible.queryAccessibleInterface(long_view).child(0)
    assert text_of(item) == "Read this\n\nAttached files: notes.txt."
