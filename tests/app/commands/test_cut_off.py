"""A one-question chat that is ended in the middle of its answer."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass

import psutil
import pytest

from app import commands
from app.domain.conversations import Message, Status
from app.main import main
from tests.app.commands.shell import TIMEOUT_S, Shell

LONG = "Tell me a very long story about a river, with many chapters."


@dataclass
class Ended:
    """A program that got a signal; `early` is what it had shown by the time asked for."""

    status: int
    shown: str
    early: str
    errors: str


def end(shell: Shell, number: signal.Signals, after_s: float, *, when_saved: bool = False) -> Ended:
    """Ask for a long answer, and send the signal so long after the first words.

    Args:
        when_saved: Not before what was shown by then is in the database: on a machine that does
            nothing else that is within the second, and how long it takes on others is not the
            question. `test_saving.py` shows that it does not wait for more words.
    """
    process = shell.start("chat", LONG)
    assert process.stdout is not None
    shown, early, began = b"", b"", 0.0
    try:
        while not early or (when_saved and not is_saved(shell, early)):
            piece = os.read(process.stdout.fileno(), 65536)
            assert piece, "it ended by itself"
            shown, began = shown + piece, began or time.monotonic()
            if not early and time.monotonic() >= began + after_s:
                early = shown
        process.send_signal(number)
        rest, errors = process.communicate(timeout=TIMEOUT_S)
    finally:
        process.kill()
    shown += rest.encode()
    return Ended(process.returncode, shown.decode(), early.decode(errors="ignore"), errors)


def is_saved(shell: Shell, shown: bytes) -> bool:
    """Whether the row of the answer, which is still being written, has this."""
    with closing(sqlite3.connect(shell.data_dir / "conclave.db")) as connection:
        row = connection.execute("SELECT content FROM messages ORDER BY id DESC LIMIT 1").fetchone()
    saved: str = row[0]
    return saved.encode().startswith(shown)


def answer(shell: Shell) -> Message:
    """The only answer there is, behind the only question."""
    [stored] = shell.stored()
    question, reply = stored.messages
    assert (question.content, question.status) == (LONG, Status.COMPLETE)
    return reply


def test_interrupt_stops_the_answer(shell: Shell) -> None:
    ended = end(shell, signal.SIGINT, after_s=0.3)

    assert ended.status == 130
    assert ended.errors == ""
    reply = answer(shell)
    assert reply.status is Status.STOPPED
    assert ended.shown == reply.content.removesuffix("\n") + "\n"
    assert reply.stats is not None


def test_interrupt_before_the_command_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "run_command", interrupted)

    assert main(["chat", "hi"]) == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_words_outlive_the_program(shell: Shell, number: signal.Signals) -> None:
    ended = end(shell, number, after_s=0.5, when_saved=True)

    assert ended.status == -number
    assert ended.early
    reply = answer(shell)
    assert reply.status is Status.INTERRUPTED
    assert reply.content.startswith(ended.early)


def test_killed_engine_is_told_in_one_line(shell: Shell) -> None:
    process = shell.start("chat", LONG)
    assert process.stdout is not None
    first = os.read(process.stdout.fileno(), 65536).decode()
    [engine] = psutil.Process(process.pid).children()
    engine.kill()
    rest, errors = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode == 1
    [line] = errors.splitlines()
    assert line.startswith("conclave: The engine stopped unexpectedly")
    assert "SIGKILL" in line
    reply = answer(shell)
    assert reply.status is Status.INTERRUPTED
    assert first + rest == reply.content.removesuffix("\n") + "\n"


def test_closed_pipe_ends_quietly(shell: Shell) -> None:
    process = shell.start("chat", LONG)
    assert process.stdout is not None
    assert process.stderr is not None
    head = [sys.executable, "-c", "import os; os.write(1, os.read(0, 10))"]
    read = subprocess.run(head, stdin=process.stdout, capture_output=True, timeout=TIMEOUT_S)
    process.stdout.close()
    with process.stderr:
        errors = process.stderr.read()

    assert process.wait(TIMEOUT_S) == 1
    assert errors == ""
    assert read.stdout
    # A window beside it looks at the rows as they are, without putting leftovers in order.
    with closing(sqlite3.connect(shell.data_dir / "conclave.db")) as connection:
        rows = connection.execute("SELECT status FROM messages ORDER BY id").fetchall()
    assert rows == [("complete",), ("interrupted",)]
    assert answer(shell).content.startswith(read.stdout.decode(errors="ignore"))
