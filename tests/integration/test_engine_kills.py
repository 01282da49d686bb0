"""The engine is killed in mid-answer twenty times, under a real window that goes on."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from app import paths
from app.child import child_command
from app.composition import Program
from app.domain.conversations import Status
from app.services.models import ModelPhase
from app.store import Store
from inference.host import EngineHost
from tests.app.views.driver import Driver
from tests.integration.one_thread import use_one_thread

KILLS = 20
PATIENCE_MS = 60_000
# The model's answers to it have hundreds of words.
LONG = "Write a Python program with 300 lines."
SHORT = "Say yes."

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"),
]


@pytest.fixture
def host(data_dir: Path) -> EngineHost:
    return EngineHost(child_command("engine"), paths.log_dir() / "engine.log")


@pytest.fixture
def driver(qtbot: QtBot, host: EngineHost, starter_model: Path) -> Iterator[Driver]:
    """The whole program with the real model loaded."""
    paths.models_dir().mkdir(parents=True)
    (paths.models_dir() / starter_model.name).symlink_to(starter_model)
    use_one_thread(paths.database_path(), starter_model)
    program = Program(Store(paths.database_path()), host)
    program.start()
    wait(qtbot, lambda: program.models.state.phase is ModelPhase.READY)
    wait(qtbot, program.window.isVisible)
    yield Driver(qtbot, program)
    program.window.close()
    program.close()


def wait(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=PATIENCE_MS)


def stored_messages(conversation_id: int) -> list[tuple[str, str]]:
    """Status and text of each message, read past the program's own store."""
    with closing(sqlite3.connect(f"file:{paths.database_path()}?mode=ro", uri=True)) as connection:
        return connection.execute(
            "SELECT status, content FROM messages WHERE conversation_id = ? ORDER BY id",
            [conversation_id],
        ).fetchall()


def check_stored(driver: Driver, expected: list[tuple[str, str]]) -> None:
    conversation_id = driver.page.conversation_id
    assert conversation_id is not None
    wait(driver.qtbot, lambda: stored_messages(conversation_id) == expected)


def ask(driver: Driver, question: str) -> None:
    """Type and send, and wait for the first words."""
    count = len(driver.messages)
    driver.type(question)
    driver.enter()
    wait(driver.qtbot, lambda: len(driver.messages) == count + 2 and driver.texts[-1] != "")


def check_alive(driver: Driver) -> None:
    """The event loop turns and the composer takes what is typed."""
    beats: list[None] = []
    QTimer.singleShot(0, driver.window, lambda: beats.append(None))
    wait(driver.qtbot, lambda: beats == [None])
    assert driver.window.isVisible()
    driver.type("x")
    assert driver.composer.text == "x"
    driver.composer.set_text("")


def kill_in_mid_answer(driver: Driver, host: EngineHost, n_chars: int) -> str:
    """Ask, kill the engine when so much of the answer is there; the answer as it was left.

    An answer that ends before is left alone, and the question asked anew.
    """
    for _ in range(20):
        driver.window.new_conversation()
        ask(driver, LONG)
        wait(driver.qtbot, lambda: is_over(driver) or len(driver.texts[-1]) >= n_chars)
        if is_over(driver):
            continue
        assert host.process_id is not None
        os.kill(host.process_id, signal.SIGKILL)
        shown = driver.texts[-1]
        wait(driver.qtbot, lambda: driver.messages[-1].status is not Status.STREAMING)
        assert driver.texts[-1].startswith(shown)
        if driver.messages[-1].status is Status.INTERRUPTED:
            return driver.texts[-1]
    pytest.fail("the model gives no long answers")


def answer_next(driver: Driver) -> None:
    """The next question is answered; an answer of more than some words is stopped."""
    ask(driver, SHORT)
    wait(driver.qtbot, lambda: is_over(driver) or len(driver.texts[-1]) >= 40)
    if not is_over(driver):
        driver.escape()
    wait(driver.qtbot, lambda: is_over(driver))


def is_over(driver: Driver) -> bool:
    return driver.messages[-1].status in (Status.COMPLETE, Status.STOPPED)


def test_twenty_kills(driver: Driver, host: EngineHost) -> None:
    seed = random.randrange(1_000_000)
    sys.stdout.write(f"seed {seed}\n")
    dice = random.Random(seed)
    for _ in range(KILLS):
        partial = kill_in_mid_answer(driver, host, dice.randrange(1, 150))
        check_alive(driver)
        wait(driver.qtbot, lambda: driver.notice == "The engine stopped unexpectedly")
        expected = [("complete", LONG), ("interrupted", partial)]
        check_stored(driver, expected)

        answer_next(driver)
        assert driver.notice != "The engine stopped unexpectedly"
        assert driver.texts[:3] == [LONG, partial, SHORT]
        answer = driver.messages[-1]
        check_stored(driver, [*expected, ("complete", SHORT), (answer.status, answer.content)])


def test_continue_goes_on_with_a_new_engine(driver: Driver, host: EngineHost) -> None:
    partial = kill_in_mid_answer(driver, host, 40)

    driver.press("Continue")
    wait(driver.qtbot, lambda: len(driver.texts[-1]) > len(partial) + 40 or is_over(driver))
    if not is_over(driver):
        driver.escape()
    wait(driver.qtbot, lambda: is_over(driver))

    assert len(driver.messages) == 2
    assert driver.texts[-1].startswith(partial)
    assert len(driver.texts[-1]) > len(partial)
