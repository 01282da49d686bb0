"""Two answers side by side, one of which is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from app import paths
from app.views.compare_window import CompareSide, CompareWindow
from inference.engine import FinishReason, Sampling, TextDelta
from inference.errors import ModelLoadFailed
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine, UntilCancelled, finished


@pytest.fixture
def second_model(data_dir: Path, model_file: Path) -> Path:
    path = paths.models_dir() / "Zweites-Q8.gguf"
    path.write_bytes(b"GGUF")
    return path


class Comparing:
    """The comparing window over a conversation with one question and its answer."""

    def __init__(self, driver: Driver) -> None:
        self.driver, self.qtbot = driver, driver.qtbot
        driver.ask("Why is the sky blue?")
        control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        self.qtbot.keyClick(driver.window, Qt.Key.Key_M, control_shift)
        self.qtbot.waitUntil(lambda: len(driver.program.side_windows.compared) == 1)
        self.window: CompareWindow = driver.program.side_windows.compared[0].window
        self.first, self.second = self.window.sides
        self.qtbot.waitUntil(lambda: texts(self.first) == texts(self.second) == [QUESTION])

    def choose_model(self, side: CompareSide, name: str) -> None:
        self.driver.click(side.model_button)
        menu = side.model_button.findChildren(QMenu)[-1]
        next(action for action in menu.actions() if action.text() == name).trigger()
        menu.close()

    def ask(self) -> None:
        self.driver.click(self.window.ask_button)
        self.qtbot.waitUntil(lambda: not self.window.is_asking)

    def keep(self, side: CompareSide) -> None:
        self.driver.click(side.keep_button)
        self.qtbot.waitUntil(lambda: self.driver.program.side_windows.compared == [])


QUESTION = "Why is the sky blue?"


def texts(side: CompareSide) -> list[str]:
    model = side.page.messages
    return [model.message_at(row).content for row in range(model.rowCount())]


def stored(driver: Driver) -> list[tuple[str, str, str]]:
    """All messages, those of no branch that is shown included: role, text, model."""
    rows = driver.program._store.submit(
        lambda repository: repository._db.execute(
            "SELECT role, content, model FROM messages ORDER BY id"
        ).fetchall()
    )
    return rows.result(5)


def test_two_models_answer_and_one_answer_is_kept(
    second_model: Path, driver: Driver, engine: FakeEngine, model_file: Path
) -> None:
    pair = Comparing(driver)
    pair.choose_model(pair.second, "Zweites-Q8")
    assert not pair.first.keep_button.isEnabled()
    engine.answers(TextDelta("Rayleigh."), finished())
    engine.answers(TextDelta("Streuung."), finished())
    pair.ask()
    assert texts(pair.first) == [QUESTION, "Rayleigh."]
    assert texts(pair.second) == [QUESTION, "Streuung."]
    one, two = engine.generate_requests[-2:]
    assert (one.model.path, two.model.path) == (model_file, second_model)
    # The conversation's earlier answer is not part of the question.
    assert [message.content for message in two.messages] == [QUESTION]
    assert one.is_private
    assert two.is_private

    pair.keep(pair.first)
    driver.wait_text("Rayleigh.")
    assert stored(driver) == [
        ("user", QUESTION, ""),
        ("assistant", "Hello.", "Small-Q4"),
        ("assistant", "Streuung.", "Zweites-Q8"),
        ("assistant", "Rayleigh.", "Small-Q4"),
    ]
    driver.ask("And at night?")
    sent = [message.content for message in engine.generate_requests[-1].messages]
    assert sent == [QUESTION, "Rayleigh.", "And at night?"]


def test_two_settings_and_asking_again(driver: Driver, engine: FakeEngine) -> None:
    pair = Comparing(driver)
    driver.click(pair.second.panel_button)
    field = pair.second.steering.panel.numbers["temperature"].field
    field.selectAll()
    pair.qtbot.keyClicks(field, "1.5")
    pair.qtbot.keyClick(field, Qt.Key.Key_Return)
    driver.click(pair.second.panel_button)
    pair.ask()
    samplings = [request.sampling for request in engine.generate_requests[-2:]]
    assert samplings == [Sampling(), Sampling(temperature=1.5)]
    engine.answers(TextDelta("Once more."), finished())
    pair.ask()
    assert texts(pair.first) == [QUESTION, "Once more."]
    assert engine.generate_requests[-1].sampling == Sampling(temperature=1.5)
    assert len(engine.generate_requests) == 5


def test_closed_it_keeps_nothing(driver: Driver, engine: FakeEngine) -> None:
    pair = Comparing(driver)
    pair.ask()
    pair.qtbot.keyClick(pair.window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert driver.program.side_windows.compared == []
    assert [text for _role, text, _model in stored(driver)] == [QUESTION, "Hello."]


def test_stopping_ends_both(driver: Driver, engine: FakeEngine) -> None:
    pair = Comparing(driver)
    engine.answers(TextDelta("Half"), UntilCancelled())
    driver.click(pair.window.ask_button)
    pair.qtbot.waitUntil(lambda: texts(pair.first) == [QUESTION, "Half"])
    assert pair.window.ask_button.text() == "Stop"
    pair.qtbot.keyClick(pair.window, Qt.Key.Key_Escape)
    pair.qtbot.waitUntil(lambda: not pair.window.is_asking)
    assert texts(pair.second) == [QUESTION]
    assert not pair.second.keep_button.isEnabled()
    pair.keep(pair.first)
    driver.wait_text("Half")


def test_one_side_fails_and_the_other_answers(driver: Driver, engine: FakeEngine) -> None:
    pair = Comparing(driver)
    engine.answers(ModelLoadFailed("It is damaged", "12 bytes are missing", "Copy it again."))
    engine.answers(TextDelta("Fine."), finished(FinishReason.LENGTH))
    pair.ask()
    assert pair.first.page.notice.notice.title == "It is damaged"
    assert not pair.first.keep_button.isEnabled()
    pair.keep(pair.second)
    driver.wait_text("Fine.")


def test_the_window_takes_comparisons_with_it(driver: Driver) -> None:
    pair = Comparing(driver)
    driver.window.close()
    assert not pair.window.isVisible()
