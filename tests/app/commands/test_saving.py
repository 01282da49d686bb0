"""What the terminal has shown of an answer is saved, whether the engine goes on or not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands.model_choice import TerminalModel
from app.commands.turn import TerminalSession
from app.domain.conversations import Status
from app.store import Store
from inference.engine import ModelParams, Sampling, TextDelta
from tests.fakes.engine import FakeEngine, WaitFor, finished


@pytest.fixture
def store(data_dir: Path) -> Iterator[Store]:
    opened = Store(data_dir / "conclave.db")
    yield opened
    opened.close()


def answer_in(store: Store) -> tuple[str, Status] | None:
    messages = store.submit(lambda repository: repository.messages(1)).result(5)
    return (messages[1].content, messages[1].status) if len(messages) > 1 else None


def test_words_before_a_pause_do_not_wait_for_those_behind_it(store: Store) -> None:
    engine, go_on = FakeEngine(), threading.Event()
    engine.answers(TextDelta("One, "), TextDelta("two."), WaitFor(go_on), finished())
    seen = []

    def look() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not seen:
            found = answer_in(store)
            if found is not None and found[0] == "One, two.":
                seen.append(found[1])
            time.sleep(0.02)
        go_on.set()

    watcher = threading.Thread(target=look)
    watcher.start()
    model = TerminalModel("Fake", ModelParams(Path("fake.gguf")))
    TerminalSession(store, engine, model, Sampling()).ask("Count.")
    watcher.join()

    assert seen == [Status.STREAMING]
    assert answer_in(store) == ("One, two.", Status.COMPLETE)
