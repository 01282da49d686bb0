from __future__ import annotations

import threading

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app import paths
from app.composition import Program
from app.domain.conversations import Status
from app.store import Store
from inference.engine import FinishReason, TextDelta
from inference.errors import EngineDied, ModelTooLarge, PromptTooLong
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, UntilCancelled, WaitFor, finished, loaded


def test_question_answer_and_follow_up(driver: Driver, engine: FakeEngine) -> None:
    gate = threading.Event()
    engine.answers(TextDelta("The sky"), WaitFor(gate), TextDelta(" scatters."), finished())
    driver.type("Why is the sky blue?")
    driver.enter()
    driver.wait_text("The sky")
    assert driver.messages[-1].status is Status.STREAMING
    assert driver.composer.text == ""
    gate.set()
    driver.wait_text("The sky scatters.")
    driver.wait_idle()
    driver.ask("And at night?")
    assert driver.texts == ["Why is the sky blue?", "The sky scatters.", "And at night?", "Hello."]
    sent = [message.content for message in engine.generate_requests[-1].messages]
    assert sent == ["Why is the sky blue?", "The sky scatters.", "And at night?"]
    driver.qtbot.waitUntil(lambda: driver.titles == ["Why is the sky blue?"])
    assert driver.window.windowTitle() == "Why is the sky blue? – Conclave"


def test_enter_on_nothing_does_nothing(driver: Driver, engine: FakeEngine) -> None:
    driver.enter()
    driver.type("   ")
    driver.enter()
    driver.qtbot.wait(50)
    assert not engine.generate_requests
    assert driver.composer.text == "   "


def test_escape_stops_and_continue_goes_on(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("Half"), UntilCancelled())
    driver.type("go")
    driver.enter()
    driver.wait_text("Half")
    driver.escape()
    driver.wait_status(Status.STOPPED)
    engine.answers(TextDelta(" whole."), finished())
    driver.press("Continue")
    driver.wait_text("Half whole.")
    driver.wait_status(Status.COMPLETE)
    assert engine.generate_requests[-1].continue_last
    driver.qtbot.waitUntil(lambda: driver.notice == "")


def test_button_stops(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("Half"), UntilCancelled())
    driver.type("go")
    driver.click(driver.composer.button)
    driver.wait_text("Half")
    driver.qtbot.waitUntil(lambda: driver.composer.button.accessibleName() == "Stop")
    driver.type("kept for later")
    driver.enter()
    assert driver.composer.text == "kept for later"
    driver.click(driver.composer.button)
    driver.wait_status(Status.STOPPED)
    assert driver.composer.text == "kept for later"


def test_answer_goes_on_behind_another_conversation(driver: Driver, engine: FakeEngine) -> None:
    gate = threading.Event()
    engine.answers(TextDelta("One"), WaitFor(gate), TextDelta(" two"), finished())
    driver.type("first")
    driver.enter()
    driver.wait_text("One")
    first = driver.page.conversation_id
    driver.window.new_conversation()
    driver.type("second")
    driver.enter()
    waiting = "Waiting for the answer in another conversation…"
    driver.qtbot.waitUntil(lambda: driver.page.activity.text() == waiting)
    driver.qtbot.waitUntil(lambda: driver.titles == ["second", "first"])
    second = driver.page.conversation_id
    driver.open(first)
    driver.wait_text("One")
    gate.set()
    driver.wait_text("One two")
    driver.wait_idle()
    driver.open(second)
    driver.wait_text("Hello.")


def test_engine_that_dies_is_told_and_the_next_question_works(
    driver: Driver, engine: FakeEngine
) -> None:
    engine.answers(TextDelta("Half"), EngineDied("The engine stopped", "signal 9", "Try again."))
    driver.type("go")
    driver.enter()
    driver.qtbot.waitUntil(lambda: driver.notice == "The engine stopped")
    assert driver.messages[-1].status is Status.INTERRUPTED
    assert driver.page.notice.isVisible()
    driver.ask("again")
    assert driver.texts[-1] == "Hello."
    assert driver.notice == ""


def test_model_error_offers_another_model(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(ModelTooLarge("Too large", "48 GB of 12 GB", "Choose a smaller one."))
    driver.type("go")
    driver.enter()
    driver.qtbot.waitUntil(lambda: driver.notice == "Too large")
    assert driver.texts == ["go"]
    driver.press("Choose another model")
    driver.qtbot.waitUntil(driver.window.header.menu.isVisible)
    names = [action.text() for action in driver.window.header.menu.actions()]
    assert names[0].startswith("Small-Q4")
    assert names[-2:] == ["Open a model file…", "Show the models folder"]
    driver.window.header.menu.close()
    driver.press("Try again")
    driver.wait_text("Hello.")


def test_too_long_question_can_be_edited(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(PromptTooLong("The prompt is too long", "30,000 of 8,192 tokens", "Shorten it."))
    driver.composer.set_text("long " * 20_000)
    driver.enter()
    driver.qtbot.waitUntil(lambda: driver.notice == "The prompt is too long")
    driver.press("Edit")
    assert driver.composer.text.startswith("long long")
    driver.composer.set_text("short")
    driver.enter()
    driver.wait_text("Hello.")
    assert driver.texts == ["short", "Hello."]


def test_edit_can_be_cancelled(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(EngineDied("The engine stopped"))
    driver.type("go")
    driver.enter()
    driver.qtbot.waitUntil(lambda: driver.notice == "The engine stopped")
    driver.press("Edit")
    driver.press("Cancel")
    assert driver.composer.text == ""
    driver.qtbot.waitUntil(lambda: driver.notice == "This message has no answer yet.")


def test_longest_answer_offers_to_continue(driver: Driver, engine: FakeEngine) -> None:
    engine.answers(TextDelta("Long"), finished(FinishReason.LENGTH))
    driver.ask("go")
    driver.qtbot.waitUntil(lambda: driver.notice == "The answer reached its longest length.")


def test_question_that_cannot_be_stored_stays_with_the_person(driver: Driver) -> None:
    driver.ask("first")
    driver.program._store.close()
    driver.type("keep me")
    driver.enter()
    driver.qtbot.waitUntil(lambda: driver.composer.text == "keep me")
    driver.qtbot.waitUntil(lambda: driver.page.notice.isVisible())
    assert driver.texts == ["first", "Hello."]


def test_closing_in_mid_answer_keeps_every_word(
    driver: Driver, engine: FakeEngine, start: list[Program], qtbot
) -> None:
    engine.answers(TextDelta("Every word"), UntilCancelled())
    driver.type("go")
    driver.enter()
    driver.wait_text("Every word")
    driver.window.close()
    driver.program.close()
    assert engine.closed.is_set()

    next_engine = FakeEngine()
    next_engine.answers(TextDelta(" and more."), finished())
    program = Program(Store(paths.database_path()), next_engine)
    start.append(program)
    program.start()
    again = Driver(qtbot, program)
    qtbot.waitUntil(lambda: again.titles == ["go"])
    again.window.sidebar.list.step(1)
    again.wait_text("Every word")
    assert again.messages[-1].status is Status.INTERRUPTED
    qtbot.waitUntil(lambda: again.notice == "The answer was interrupted.")
    again.press("Continue")
    again.wait_text("Every word and more.")


def test_last_answer_is_copied(driver: Driver) -> None:
    driver.ask("hi")
    driver.qtbot.keyClick(
        driver.window,
        Qt.Key.Key_C,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    driver.qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "Hello.")


def test_model_state_is_shown(driver: Driver, engine: FakeEngine) -> None:
    assert driver.window.header.model_button.text() == "Small-Q4"
    assert driver.window.header.state_label.text() == "Ready"
    engine.loads(ModelTooLarge("Too large", "48 GB of 12 GB", "Choose a smaller one."))
    driver.program.models.load_again()
    driver.qtbot.waitUntil(driver.window.notice.isVisible)
    assert driver.window.header.state_label.text() == "Could not be loaded"
    engine.loads(loaded())
    driver.click(driver.window.notice.buttons[1])
    driver.qtbot.waitUntil(lambda: driver.window.header.state_label.text() == "Ready")
    assert not driver.window.notice.isVisible()


def test_what_a_terminal_adds_to_the_open_conversation_is_shown(driver: Driver) -> None:
    driver.ask("Why is the sky blue?")
    conversation_id = driver.page.conversation_id
    assert conversation_id is not None
    shown = driver.messages
    terminal = Store(paths.database_path())
    terminal.submit(
        lambda repository: repository.add_user_message(
            conversation_id, "And at night?", parent_id=shown[-1].id
        )
    ).result()
    terminal.close()

    driver.page.path.read_again()

    driver.wait_text("And at night?")
    assert driver.messages[:-1] == shown


def test_reading_again_leaves_what_has_not_changed(driver: Driver) -> None:
    driver.ask("Why is the sky blue?")
    changes: list[object] = []
    model = driver.page.messages
    for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved, model.dataChanged):
        signal.connect(lambda *what: changes.append(what))

    with driver.qtbot.waitSignal(driver.program.conversations.opened):
        driver.page.path.read_again()

    assert changes == []
