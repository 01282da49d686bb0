"""The window's process is killed at random moments while answers stream, fifty times over.

Afterwards the database is sound, every sent message is there, and of each answer at most the last
second is lost. What was on the screen, and when, is told by `telling_window.py`.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from app.domain.conversations import Message, Role, Status
from app.store import Repository, Store
from tests.integration.one_thread import use_one_thread

ROOT = Path(__file__).parents[2]
# The real engine writes as fast as it can, the other one 125 words a second on any machine.
KILLS = {"real": 18, "fake": 32}
LATEST_S = 1.2
MAY_LOSE_S = 1.0
ENGINE_ENDS_WITHIN_S = 30


@dataclass
class Killed:
    """What one window has told before its end; times are of the monotonic clock."""

    question: str
    sent_id: int = 0
    shown: list[tuple[float, str]] = field(default_factory=list)
    at: float = 0.0

    @property
    def text(self) -> str:
        """All of the answer that was on the screen."""
        return "".join(text for _when, text in self.shown)

    def lost_s(self, stored: str) -> float:
        """How old the oldest shown words were that are not stored."""
        text = ""
        for when, more in self.shown:
            text += more
            if not stored.startswith(text):
                return self.at - when
        return 0.0


def kill_while_streaming(data_dir: Path, question: str, kind: str, moment_s: float) -> Killed:
    """Start a window that asks, and kill it.

    Args:
        data_dir: The user's folder.
        question: What it asks.
        kind: Which engine it has, "real" or "fake".
        moment_s: When, counted from the first words of the answer; a negative moment counts from
            the moment when the question was sent.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.telling_window", question, kind],
        cwd=ROOT,
        env={**os.environ, "CONCLAVE_DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    killed = Killed(question)
    engines: list[psutil.Process] = []

    def kill() -> None:
        engines.extend(psutil.Process(process.pid).children(recursive=True))
        killed.at = time.monotonic()
        process.kill()

    timer = threading.Timer(abs(moment_s), kill)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            what, when, message_id, text = json.loads(line)
            if what == "sent":
                assert text == question
                killed.sent_id = message_id
            else:
                killed.shown.append((when, text))
            if timer.ident is None and (what == "shown" or moment_s < 0):
                timer.start()
        assert timer.ident is not None, "the window ended by itself"
        timer.join()
    finally:
        timer.cancel()
        process.kill()
        process.communicate()
    deadline = time.monotonic() + ENGINE_ENDS_WITHIN_S
    while any(_lives(engine) for engine in engines):
        assert time.monotonic() < deadline, "an engine has outlived its window"
        time.sleep(0.01)
    return killed


def _lives(process: psutil.Process) -> bool:
    # What has lost its parent may stay in the list of processes until somebody asks how it ended.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def check_integrity(database: Path) -> None:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def read_all(database: Path) -> dict[int, list[Message]]:
    """The messages of each conversation, opened as the next window opens them."""
    store = Store(database)
    try:
        assert store.opened().result().set_aside is None
        return store.submit(_all_messages).result()
    finally:
        store.close()


def _all_messages(repository: Repository) -> dict[int, list[Message]]:
    found = repository.conversations()
    return {one.id: list(repository.messages(one.id)) for one in found}


def stored_answer(messages: list[Message]) -> Message | None:
    """The answer behind the only question of a conversation; it is no longer streaming."""
    assert [message.role for message in messages[:1]] == [Role.USER]
    if len(messages) == 1:
        return None
    [answer] = messages[1:]
    assert answer.status in (Status.INTERRUPTED, Status.COMPLETE)
    return answer


@pytest.mark.timeout(1200)
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_fifty_kills(data_dir: Path, starter_model: Path) -> None:
    models = data_dir / "models"
    models.mkdir(parents=True)
    (models / starter_model.name).symlink_to(starter_model)
    database = data_dir / "conclave.db"
    use_one_thread(database, starter_model)
    seed = random.randrange(1_000_000)
    sys.stdout.write(f"seed {seed}\n")
    dice = random.Random(seed)
    kinds = [kind for kind, count in KILLS.items() for _ in range(count)]
    dice.shuffle(kinds)

    all_killed = []
    for number, kind in enumerate(kinds, start=1):
        question = f"Write a Python program with {300 + number} lines."
        moment_s = dice.uniform(-0.15, LATEST_S)
        killed = kill_while_streaming(data_dir, question, kind, moment_s)
        all_killed.append(killed)
        check_integrity(database)
        conversations = {messages[0].id: messages for messages in read_all(database).values()}
        answer = stored_answer(conversations[killed.sent_id])
        lost_s = killed.lost_s(answer.content if answer else "")
        sys.stdout.write(f"{number} {kind} {moment_s:.2f} s: {lost_s:.2f} s lost\n")
        assert lost_s <= MAY_LOSE_S
        assert answer is None or killed.text.startswith(answer.content[: len(killed.text)])

    conversations = {messages[0].id: messages for messages in read_all(database).values()}
    assert {k.sent_id: k.question for k in all_killed} == {
        message_id: messages[0].content for message_id, messages in conversations.items()
    }
    answers = [stored_answer(messages) for messages in conversations.values()]
    cut_off = [a for a in answers if a and a.status is Status.INTERRUPTED and a.content]
    # Otherwise most moments were not in the middle of an answer.
    assert len(cut_off) > len(kinds) // 2
