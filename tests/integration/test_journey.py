"""One journey through the real window on a virtual screen: ask, read, stop, quit, come back, go on.

The program runs as a process. What goes in are keys of the X server; what comes out is looked at on
the screen, through the clipboard, and in the database, past the program's own store.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.integration.one_thread import use_one_thread
from tests.integration.x_screen import Screen, screen
from tests.integration.x_server import Window, x_server

ROOT = Path(__file__).parents[2]
QUESTION = "Write a Python program with 300 lines. Will you?"
FOLLOW_UP = "Write another Python program with 300 lines."
PATIENCE_S = 120.0
# Inside the transcript, whatever stands around it.
TRANSCRIPT = (320, 120, 700, 400)

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="needs an X server"),
]


@dataclass(frozen=True)
class Answer:
    """The newest answer as it is stored."""

    id: int
    status: str
    content: str


class Running:
    """The program on a screen, started anew."""

    def __init__(self, display: str, user: Screen, data_dir: Path) -> None:
        self._user = user
        self._data_dir = data_dir
        environment = {
            **os.environ,
            "CONCLAVE_DATA_DIR": str(data_dir),
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
        }
        self.process = subprocess.Popen([sys.executable, "-m", "app"], cwd=ROOT, env=environment)
        self._wait(lambda: bool(user.windows()))
        user.focus(self.window)
        # Now a model is chosen; it need not be loaded yet.
        self._wait(lambda: bool(psutil.Process(self.process.pid).children()))

    @property
    def window(self) -> Window:
        """The only window on the screen."""
        [window] = self._user.windows()
        return window

    def stream(self, question: str, n_chars: int) -> Answer:
        """Ask, and wait until so much of the answer is stored while more is to come."""
        before = self.answer
        self._user.type(question)
        self._user.press("Return")
        self.wait_change(before)
        answer = self.wait_growth(n_chars)
        assert answer.status == "streaming", "it has ended by itself"
        return answer

    def wait_change(self, before: Answer) -> None:
        """Wait until the newest answer is not this any more."""
        self._wait(lambda: self.answer != before)

    def wait_growth(self, n_chars: int) -> Answer:
        """The newest answer when it is that long or has ended."""
        self._wait(lambda: self.answer.status != "streaming" or len(self.answer.content) >= n_chars)
        return self.answer

    def wait_end(self) -> Answer:
        """The newest answer as it has ended."""
        self._wait(lambda: self.answer.status != "streaming")
        return self.answer

    @property
    def answer(self) -> Answer:
        """The newest answer; one without number and words where there is none."""
        rows = self.read("SELECT id, status, content FROM messages WHERE role = 'assistant'")
        return max((Answer(*row) for row in rows), key=lambda a: a.id, default=Answer(0, "", ""))

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        address = f"file:{self._data_dir / 'conclave.db'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return connection.execute(sql).fetchall()

    def transcript(self) -> bytes:
        """The pixels inside the transcript."""
        return self._user.picture(self.window, *TRANSCRIPT)

    def shown_answer(self) -> str:
        """The last answer as the window shows it, taken with the key that copies it."""
        self._user.press("Control_L", "Shift_L", "c")
        self._wait(lambda: self._user.clipboard() != "")
        return self._user.clipboard()

    def wait_title(self, title: str) -> None:
        """Wait until the window is called that."""
        self._wait(lambda: self.window.title == title)

    def quit(self) -> None:
        """Leave with Ctrl+Q; no process stays."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        self._user.press("Control_L", "q")
        assert self.process.wait(PATIENCE_S) == 0
        _gone, alive = psutil.wait_procs(children, timeout=30)
        assert not alive

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"timed out; {self.answer}"
            assert self.process.poll() is None, f"it ended with {self.process.returncode}"
            time.sleep(0.03)


def let_answers_go_on(database: Path) -> None:
    """Whatever is set for a conversation, its answers do not end before somebody ends them."""
    sampling = json.dumps({"logit_bias": [["<|im_end|>", -1000.0], ["<|endoftext|>", -1000.0]]})
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER go_on AFTER INSERT ON steering BEGIN UPDATE steering"
            f" SET sampling = '{sampling}' WHERE conversation_id = NEW.conversation_id; END"
        )


@pytest.fixture
def display() -> Iterator[str]:
    with x_server() as name:
        yield name


@pytest.fixture
def user(display: str) -> Iterator[Screen]:
    with screen(display) as opened:
        yield opened


@pytest.fixture
def start(
    display: str, user: Screen, data_dir: Path, starter_model: Path
) -> Iterator[Callable[[], Running]]:
    (data_dir / "models").mkdir(parents=True)
    (data_dir / "models" / starter_model.name).symlink_to(starter_model)
    use_one_thread(data_dir / "conclave.db", starter_model)
    let_answers_go_on(data_dir / "conclave.db")
    programs: list[Running] = []

    def make() -> Running:
        programs.append(Running(display, user, data_dir))
        return programs[-1]

    yield make
    for program in programs:
        program.process.kill()
        program.process.wait()


def test_journey(start: Callable[[], Running], user: Screen, data_dir: Path) -> None:
    program = start()
    program.wait_title("Conclave")
    pictures = [program.transcript()]

    # The answer is read while it is being generated, and stopped.
    first = program.stream(QUESTION, n_chars=20)
    pictures.append(program.transcript())
    program.wait_growth(len(first.content) + 150)
    pictures.append(program.transcript())
    assert len(set(pictures)) == 3
    title = program.window.title
    assert title == f"{QUESTION} – Conclave"
    user.press("Escape")
    stopped = program.wait_end()
    assert stopped.status == "stopped"
    assert stopped.content.startswith(first.content)
    assert program.shown_answer() == stopped.content

    # A follow-up; the program is left in the middle of its answer.
    cut = program.stream(FOLLOW_UP, n_chars=60)
    shown = program.shown_answer()
    program.quit()
    kept = program.answer
    assert (kept.id, kept.status) == (cut.id, "interrupted")
    assert shown.startswith(cut.content)
    assert kept.content.startswith(shown)
    questions = program.read("SELECT content FROM messages WHERE role = 'user' ORDER BY id")
    assert questions[0] == (QUESTION,)
    assert questions[-1] == (FOLLOW_UP,)

    # It is found again, with every word, and goes on.
    again = start()
    again.wait_title("Conclave")
    assert again.answer == kept
    user.press("Alt_L", "Down")
    again.wait_title(title)
    assert again.shown_answer() == kept.content
    user.press("Control_L", "l")
    user.press("Shift_L", "Tab")  # back over the button that attaches files
    user.press("Shift_L", "Tab")  # to Continue
    user.press("space")
    again.wait_change(kept)
    again.wait_growth(len(kept.content) + 60)
    user.press("Escape")
    whole = again.wait_end()
    assert whole.id == kept.id
    assert whole.status == "stopped"
    assert whole.content.startswith(kept.content)
    assert len(whole.content) > len(kept.content)
    assert again.shown_answer() == whole.content
    again.quit()

    log = (data_dir / "logs" / "conclave.log").read_text(encoding="utf-8")
    assert "ERROR" not in log
    assert "CRITICAL" not in log
