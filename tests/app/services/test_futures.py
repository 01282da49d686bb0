from __future__ import annotations

import threading
from concurrent.futures import Future

from pytestqt.qtbot import QtBot

from app.services.futures import FutureRelay, run_in_thread


class Answers:
    def __init__(self) -> None:
        self.results: list[object] = []
        self.errors: list[BaseException] = []
        self.threads: list[int] = []

    def result(self, value: object) -> None:
        self.results.append(value)
        self.threads.append(threading.get_ident())

    def error(self, error: BaseException) -> None:
        self.errors.append(error)
        self.threads.append(threading.get_ident())


def test_results_and_errors_arrive_on_the_gui_thread(qtbot: QtBot) -> None:
    relay, answers = FutureRelay(), Answers()
    relay.watch(run_in_thread(lambda: 42, "works"), answers.result, answers.error)
    relay.watch(run_in_thread(lambda: 1 // 0, "fails"), answers.result, answers.error)
    qtbot.waitUntil(lambda: len(answers.threads) == 2)
    assert answers.results == [42]
    assert isinstance(answers.errors[0], ZeroDivisionError)
    assert set(answers.threads) == {threading.get_ident()}


def test_callback_never_comes_before_watch_returns(qtbot: QtBot) -> None:
    relay, answers = FutureRelay(), Answers()
    done: Future[str] = Future()
    done.set_result("early")
    relay.watch(done, answers.result, answers.error)
    assert answers.results == []
    qtbot.waitUntil(lambda: answers.results == ["early"])


def test_cancelled_future_says_nothing(qtbot: QtBot) -> None:
    relay, answers = FutureRelay(), Answers()
    future: Future[str] = Future()
    relay.watch(future, answers.result, answers.error)
    future.cancel()
    qtbot.wait(20)
    assert answers.threads == []
