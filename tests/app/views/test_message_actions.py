"""What is done with single messages, by mouse and keyboard in the real window."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from app.domain.conversations import Status
from app.views.statistics_dialog import StatisticsDialog
from app.views.transcript.message_bar import MessageAction, MessageBar
from inference.engine import Finished, FinishReason, TextDelta, ThinkingDelta
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, UntilCancelled, Wait, WaitFor, finished

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


def bar(driver: Driver) -> MessageBar:
    return driver.page.transcript.active.bar


def hover(driver: Driver, row: int) -> MessageBar:
    """Move the mouse over a message."""
    transcript = driver.page.transcript
    box = transcript.sight.box_of(row)
    for point in (box.center() + QPoint(1, 0), box.center()):
        QTest.mouseMove(transcript.viewport(), point)
    driver.qtbot.waitUntil(
        lambda: bar(driver).isVisible() and bar(driver).message_id == driver.messages[row].id
    )
    return bar(driver)


def press(driver: Driver, row: int, action: MessageAction) -> None:
    """Press a button under a message."""
    button = hover(driver, row).buttons[action]
    driver.qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled())
    driver.click(button)


def choose(driver: Driver, row: int, words: str) -> None:
    """Choose an entry of the menu behind the last button."""
    press(driver, row, MessageAction.MORE)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(each for each in menu.actions() if each.text().split("\t")[0] == words)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def wait_texts(driver: Driver, *texts: str) -> None:
    driver.qtbot.waitUntil(lambda: driver.texts == list(texts))


def wait_versions(driver: Driver, row: int, words: str) -> None:
    driver.qtbot.waitUntil(lambda: hover(driver, row).label.text() == words)


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_an_answer_is_given_again_and_versions_are_switched(
    driver: Driver, engine: FakeEngine
) -> None:
    engine.answers(TextDelta("first"), finished())
    driver.ask("q")
    driver.ask("and then?")
    assert not hover(driver, 1).label.isVisible()
    engine.answers(TextDelta("second"), finished())

    press(driver, 1, MessageAction.REGENERATE)

    wait_texts(driver, "q", "second")
    driver.wait_idle()
    assert [message.content for message in engine.generate_requests[-1].messages] == ["q"]
    wait_versions(driver, 1, "2 / 2")
    assert not bar(driver).buttons[MessageAction.NEXT].isEnabled()
    press(driver, 1, MessageAction.PREVIOUS)
    wait_texts(driver, "q", "first", "and then?", "Hello.")
    wait_versions(driver, 1, "1 / 2")
    driver.page.transcript.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(driver.page.transcript, Qt.Key.Key_Right)
    wait_texts(driver, "q", "second")


def test_a_question_is_edited_and_the_old_one_stays(driver: Driver, engine: FakeEngine) -> None:
    driver.ask("q")
    driver.ask("more")
    driver.type("a draft")
    press(driver, 0, MessageAction.EDIT)
    assert driver.composer.text == "q"
    driver.qtbot.waitUntil(lambda: "edit a message" in driver.notice)
    driver.type(" changed")
    driver.enter()
    wait_texts(driver, "q changed", "Hello.")
    driver.wait_idle()
    assert driver.composer.text == "a draft"
    wait_versions(driver, 0, "2 / 2")
    press(driver, 0, MessageAction.PREVIOUS)
    wait_texts(driver, "q", "Hello.", "more", "Hello.")


def test_an_answer_is_edited_and_the_old_one_stays(driver: Driver) -> None:
    driver.ask("q")
    press(driver, 1, MessageAction.EDIT)
    assert driver.composer.text == "Hello."
    driver.type(" Mine.")
    driver.enter()
    wait_texts(driver, "q", "Hello. Mine.")
    driver.qtbot.waitUntil(lambda: driver.notice == "")
    wait_versions(driver, 1, "2 / 2")
    press(driver, 1, MessageAction.PREVIOUS)
    wait_texts(driver, "q", "Hello.")


def test_an_edit_survives_a_look_at_another_conversation(driver: Driver) -> None:
    driver.ask("q")
    first = driver.page.conversation_id
    assert first is not None
    driver.type("draft")
    press(driver, 0, MessageAction.EDIT)
    driver.type(" half")
    driver.window.new_conversation()
    assert driver.composer.text == ""
    driver.open(first)
    assert driver.composer.text == "q half"
    driver.press("Cancel")
    assert driver.composer.text == "draft"


@pytest.mark.expects_errors
def test_an_edit_that_cannot_be_stored_stays_with_the_person(driver: Driver) -> None:
    driver.ask("q")
    press(driver, 1, MessageAction.EDIT)
    driver.type(" Mine.")
    driver.program._store.close()
    driver.enter()
    driver.qtbot.waitUntil(driver.window.notice.isVisible)
    assert driver.composer.text == "Hello. Mine."


def test_a_question_is_deleted_and_brought_back(driver: Driver) -> None:
    driver.ask("q")
    driver.ask("gone")
    driver.ask("last")
    choose(driver, 2, "Delete")
    wait_texts(driver, "q", "Hello.", "last", "Hello.")
    undo = driver.window.message_actions.undo
    driver.qtbot.waitUntil(undo.isVisible)
    assert undo.notice is not None
    assert undo.notice.title == "The message and its answers were deleted."
    driver.click(undo.buttons[0])
    wait_texts(driver, "q", "Hello.", "gone", "Hello.", "last", "Hello.")
    assert not undo.isVisible()


def test_a_branch_opens_as_a_conversation_of_its_own(driver: Driver) -> None:
    driver.ask("q")
    driver.ask("more")
    before = driver.page.conversation_id
    choose(driver, 1, "Branch from here")
    wait_texts(driver, "q", "Hello.")
    assert driver.page.conversation_id != before
    driver.qtbot.waitUntil(lambda: driver.titles == ["q (branch)", "q"])
    driver.ask("elsewhere")
    assert before is not None
    driver.open(before)
    wait_texts(driver, "q", "Hello.", "more", "Hello.")


def test_copying_leaves_the_thinking_out_unless_asked(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(ThinkingDelta("hm"), TextDelta("**a** b"), finished())
    driver.ask("q")
    press(driver, 1, MessageAction.COPY)
    assert clipboard() == "**a** b"
    choose(driver, 1, "Copy as plain text")
    assert clipboard() == "a b"
    choose(driver, 1, "Copy with the thinking")
    assert clipboard() == "hm\n\n**a** b"


def test_another_model_answers(driver: Driver, engine: FakeEngine) -> None:
    driver.ask("q")
    other = driver.program.models.folder / "Other-Q8.gguf"
    other.write_bytes(b"GGUF")
    driver.program.models.rescan()
    driver.qtbot.waitUntil(lambda: len(driver.program.models.models) == 2)
    engine.answers(TextDelta("from the other"), finished())
    press(driver, 1, MessageAction.MORE)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    models = next(a for a in menu.actions() if a.text() == "Answer again with").menu()
    assert isinstance(models, QMenu)
    models.actions()[[a.text() for a in models.actions()].index("Other-Q8")].trigger()
    menu.close()
    wait_texts(driver, "q", "from the other")
    assert driver.messages[-1].model == "Other-Q8"
    assert engine.generate_requests[-1].model.path == other
    assert driver.program.models.state.name == "Small-Q4"


def test_a_cut_off_answer_goes_on(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("Half"), UntilCancelled())
    driver.type("go")
    driver.enter()
    driver.wait_text("Half")
    driver.escape()
    driver.wait_status(Status.STOPPED)
    engine.answers(TextDelta(" whole."), finished())
    driver.wait_idle()
    press(driver, 1, MessageAction.CONTINUE)
    wait_texts(driver, "go", "Half whole.")


def test_statistics_say_what_the_answer_cost(driver: Driver, engine: FakeEngine) -> None:
    end = Finished(
        FinishReason.STOP, 110, 50, 10, 200.0, 2000.0, 2048, 160, 42, "temperature 0.5", 64
    )
    engine.answers(TextDelta("a"), end)
    driver.ask("q")
    press(driver, 1, MessageAction.STATISTICS)
    dialog = driver.window.findChild(StatisticsDialog)
    assert dialog is not None
    told = {label.accessibleName() for label in dialog.findChildren(QLabel)} - {""}
    # 100 of 110 tokens in 0.2 s, and 50 in 2 s.
    assert told == {
        "Model: Small-Q4",
        "Prompt: 110 tokens, 10 of them reused",
        "Pictures: 64 tokens of the prompt",
        "Prefill: 500.0 tokens/s, 0.20 s",
        "Answer: 50 tokens",
        "Decode: 25.0 tokens/s, 2.00 s",
        "Context: 160 of 2,048 tokens",
        "Sampling: temperature 0.5",
        "Seed: 42",
    }
    driver.click(dialog.copy_button)
    assert "Seed: 42" in clipboard()
    driver.click(dialog.close_button)


def test_nothing_can_be_changed_while_an_answer_comes(driver: Driver, engine: FakeEngine) -> None:
    driver.ask("q")
    gate = threading.Event()
    engine.answers(TextDelta("slow"), WaitFor(gate), finished())
    driver.type("more")
    driver.enter()
    driver.wait_text("slow")
    shown = hover(driver, 1)
    assert shown.buttons[MessageAction.COPY].isEnabled()
    assert not shown.buttons[MessageAction.REGENERATE].isEnabled()
    assert not shown.buttons[MessageAction.EDIT].isEnabled()
    gate.set()
    driver.wait_idle()
    assert hover(driver, 1).buttons[MessageAction.REGENERATE].isEnabled()


def test_an_answer_given_again_without_a_word_leaves_the_old_one(
    driver: Driver, engine: FakeEngine
) -> None:
    driver.ask("q")
    engine.answers(finished())
    press(driver, 1, MessageAction.REGENERATE)
    driver.qtbot.waitUntil(lambda: len(engine.generate_requests) == 2)
    wait_texts(driver, "q", "Hello.")
    driver.qtbot.waitUntil(lambda: not driver.page.messages.versions_of(driver.messages[1].id))


def test_messages_are_reached_by_keyboard_alone(driver: Driver, engine: FakeEngine) -> None:
    driver.ask("q")
    driver.ask("more")
    transcript = driver.page.transcript
    transcript.setFocus(Qt.FocusReason.TabFocusReason)
    assert bar(driver).message_id == driver.messages[3].id
    QTest.keyClick(transcript, Qt.Key.Key_Up, CONTROL)
    QTest.keyClick(transcript, Qt.Key.Key_Up, CONTROL)
    assert bar(driver).message_id == driver.messages[1].id
    QTest.keyClick(transcript, Qt.Key.Key_C)
    assert clipboard() == "Hello."
    QTest.keyClick(transcript, Qt.Key.Key_Tab)
    focused = QApplication.focusWidget()
    assert focused is bar(driver).buttons[MessageAction.COPY]
    QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is bar(driver).buttons[MessageAction.REGENERATE]
    driver.composer.setFocus()
    driver.qtbot.waitUntil(lambda: not bar(driver).isVisible())


def test_the_menu_of_a_key_opens_at_its_message(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("line\n\n" * 80), finished())
    driver.ask("q")
    transcript = driver.page.transcript
    transcript.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(2):
        QTest.keyClick(transcript, Qt.Key.Key_Up, CONTROL)
    viewport = transcript.viewport()
    center = viewport.rect().center()
    keyboard = QContextMenuEvent.Reason.Keyboard
    event = QContextMenuEvent(keyboard, center, viewport.mapToGlobal(center))
    QApplication.sendEvent(viewport, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    box = transcript.sight.box_of(0)
    assert 0 <= viewport.mapFromGlobal(menu.pos()).y() - box.top() <= 48
    menu.close()


def test_thinking_folds_and_tells_its_time(driver: Driver, engine: FakeEngine) -> None:
    gate = threading.Event()
    engine.answers(
        ThinkingDelta("hm"), Wait(1.2), TextDelta("so"), WaitFor(gate), TextDelta("."), finished()
    )
    driver.type("q")
    driver.enter()
    item = driver.page.transcript._layout.item
    driver.qtbot.waitUntil(lambda: len(driver.messages) == 2 and item(1).thought_is_open)
    driver.wait_text("so")
    driver.qtbot.waitUntil(lambda: not item(1).thought_is_open)
    driver.qtbot.waitUntil(lambda: driver.messages[1].thought_ms >= 1000)
    thought_ms = driver.messages[1].thought_ms
    gate.set()
    driver.wait_idle()
    words = [entry.piece.label for entry in item(1).entries if hasattr(entry.piece, "arrow")]
    assert f"Thought for {thought_ms // 1000} s" in words
    transcript = driver.page.transcript
    transcript.setFocus()
    QTest.keyClick(transcript, Qt.Key.Key_Return)
    assert item(1).thought_is_open
    conversation_id = driver.page.conversation_id
    assert conversation_id is not None
    stored = driver.program._store.submit(
        lambda repository: repository.messages(conversation_id)
    ).result()
    assert stored[1].thought_ms == thought_ms


def test_the_way_back_down(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("line\n\n" * 80), finished())
    driver.ask("q")
    button = driver.page.transcript.end_button
    assert not button.isVisible()
    driver.page.transcript.verticalScrollBar().setValue(0)
    driver.qtbot.waitUntil(button.isVisible)
    driver.click(button)
    assert driver.page.transcript.is_at_end()
    assert not button.isVisible()
