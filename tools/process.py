"""Runs the programs of the set-up: their output into a log, a sign of life to the terminal."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.places import SETUP_LOG
from tools.steps import StepFailed, say

TAIL_LINES = 25
_POLL_S = 0.2
_FIRST_WORD_S = 10.0
_WORD_EVERY_S = 30.0


@dataclass(frozen=True)
class Command:
    """A program to run.

    Args:
        arguments: The program and its arguments; no shell is involved.
        cwd: The folder it runs in.
        env: Its whole environment; None takes ours.
    """

    arguments: Sequence[str | Path]
    cwd: Path | None = None
    env: Mapping[str, str] | None = None


class SignOfLife:
    """Says now and then that a program is still at work; of a quick one it says nothing."""

    def __init__(self, first_word: str = "at work") -> None:
        self._first_word = first_word
        self._next_s = _FIRST_WORD_S

    def __call__(self, seconds: float) -> None:
        """Say something if it is time to, that many seconds after the start."""
        if seconds < self._next_s:
            return
        is_first = self._next_s == _FIRST_WORD_S
        self._next_s += _WORD_EVERY_S
        elapsed = f"{int(seconds) // 60} min {int(seconds) % 60:02} s so far"
        say(f"  {self._first_word}" if is_first else f"  still at it, {elapsed}")


def run_logged(
    step: str, command: Command, remedy: str, on_tick: Callable[[float], None] | None = None
) -> None:
    """Run a program to its end, its output appended to the set-up log.

    Args:
        step: The step it belongs to, for the error.
        command: What to run.
        remedy: What the person can do when it fails.
        on_tick: Called now and then with the seconds gone by.

    Raises:
        StepFailed: It ended with another status than 0, or could not be started.
    """
    SETUP_LOG.parent.mkdir(parents=True, exist_ok=True)
    with SETUP_LOG.open("ab") as log:
        log.write(f"\n$ {' '.join(str(part) for part in command.arguments)}\n".encode())
        log.flush()
        start_at = log.tell()
        try:
            status = _run(command, log.fileno(), on_tick)
        except OSError as error:
            raise StepFailed(
                step, f"{command.arguments[0]} did not start: {error}", remedy
            ) from error
    if status != 0:
        reason = f"{Path(command.arguments[0]).name} ended with status {status}. Its last words:\n"
        raise StepFailed(
            step, reason + tail(SETUP_LOG, start_at), f"{remedy} The whole log: {SETUP_LOG}"
        )


def _run(command: Command, output: int, on_tick: Callable[[float], None] | None) -> int:
    started = time.monotonic()
    process = subprocess.Popen(
        [str(part) for part in command.arguments],
        cwd=command.cwd,
        env=command.env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    try:
        while True:
            try:
                return process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                if on_tick:
                    on_tick(time.monotonic() - started)
    except BaseException:
        process.terminate()
        process.wait()
        raise


def tail(log: Path, start_at: int = 0) -> str:
    """The last lines of a log from that byte on, indented for the terminal."""
    with log.open("rb") as file:
        file.seek(start_at)
        text = file.read().decode(errors="replace")
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])


def output_of(arguments: Sequence[str | Path], cwd: Path | None = None) -> str | None:
    """What a short program prints; None where it fails or does not exist."""
    try:
        done = subprocess.run(
            [str(part) for part in arguments],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
