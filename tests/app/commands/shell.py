"""`conclave` as a shell runs it: a process with pipes, or with a terminal around it."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.domain.conversations import Conversation, Message
from app.store import Repository, Store

TIMEOUT_S = 240.0
"""Enough for a machine that is busy with other work."""

_TAKE_TERMINAL = (
    "import fcntl, os, signal, sys, termios;"
    # A runner in the background of a shell hands down that Ctrl+C is ignored.
    "signal.signal(signal.SIGINT, signal.SIG_DFL);"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_PROMPT = r"(^|\n)> \Z"


@dataclass(frozen=True)
class Stored:
    """One conversation with its messages, from the first to the last."""

    conversation: Conversation
    messages: list[Message]


class Shell:
    """Starts `conclave` for one user.

    Args:
        data_dir: The user's folder.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.models = data_dir / "models"
        self.environment = {
            **os.environ,
            "CONCLAVE_DATA_DIR": str(data_dir),
            "TERM": "dumb",
            "PYTHONUNBUFFERED": "",
        }

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run it to its end with this text piped in."""
        return subprocess.run(
            _command(arguments),
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it with nothing piped in, and read along."""
        return subprocess.Popen(
            _command(arguments),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def terminal(self, *arguments: str) -> Terminal:
        """Start it in a terminal of its own."""
        return Terminal(_command(arguments), self.environment)

    def stored(self) -> list[Stored]:
        """All conversations, as the window would find them at its start; the newest first."""
        store = Store(self.data_dir / "conclave.db")
        try:
            return store.submit(_read).result()
        finally:
            store.close()


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "app", *arguments]


def _read(repository: Repository) -> list[Stored]:
    return [
        Stored(conversation, list(repository.messages(conversation.id)))
        for conversation in repository.conversations()
    ]


class Terminal:
    """A program with a terminal around it: what is typed goes in, what is shown comes out."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._master, slave = os.openpty()
        # The new session has no terminal yet: a key like Ctrl+C would reach nobody.
        taking = [sys.executable, "-c", _TAKE_TERMINAL, *command]
        self.process = subprocess.Popen(
            taking,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._shown = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_exc: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._master)

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self._master, text.encode())

    def children(self) -> list[psutil.Process]:
        """The processes that the program has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def say(self, line: str) -> str:
        """Type a line; what is shown between it and the next prompt."""
        self.type(f"{line}\n")
        self.wait_for(re.escape(line))
        return self.wait_prompt()

    def wait_prompt(self) -> str:
        """What is shown before the program waits for a line."""
        return self.wait_for(_PROMPT)

    def empty_line(self) -> None:
        """Press Ctrl+C where the program waits for a line, and wait for the next prompt.

        Python does not notice a signal that falls into readline's work on the key before, until the
        next key comes: as a person would, this lets a moment pass, and presses again.
        """
        time.sleep(0.5)
        for _ in range(20):
            self.type("\x03")
            if self._search(_PROMPT, 2.0) is not None:
                return
            assert self.process.poll() is None, f"it has ended: {self._shown!r}"
        raise AssertionError(f"Ctrl+C is not noticed: {self._shown!r}")

    def wait_for(self, pattern: str) -> str:
        """What is shown before something that matches."""
        found = self._search(pattern, TIMEOUT_S)
        assert found is not None, f"no {pattern!r} in {self._shown!r}"
        return found

    def _search(self, pattern: str, timeout_s: float) -> str | None:
        deadline = time.monotonic() + timeout_s
        while (match := re.search(pattern, self._shown)) is None:
            if not self._read(max(0.0, deadline - time.monotonic())):
                return None
        before, self._shown = self._shown[: match.start()], self._shown[match.end() :]
        return before

    def wait_end(self) -> str:
        """What is shown up to the program's end."""
        while self._read(TIMEOUT_S):
            pass
        self.process.wait(TIMEOUT_S)
        return self._shown

    def _read(self, timeout_s: float) -> bool:
        """Take what is there now or soon; False at the end, or when nothing came."""
        readable, _, _ = select.select([self._master], [], [], timeout_s)
        if not readable:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux's way to say that nobody is left at the other end
            return False
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
        self._shown = _ESCAPES.sub("", self._shown + text)
        return bool(data)
