"""The parent's end of the converters' process: hands it an order and brings back its events."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from typing import IO, Self

from converters import wire
from converters.errors import ConverterDied
from converters.progress import IsCancelled, never_cancelled
from converters.waiting import TICK_S
from converters.wire import Event, Line, Options
from inference.endings import death

CANCEL_GRACE_S = 5.0
"""A process that has not ended so long after a cancel is killed."""


def run(
    command: Sequence[str], options: Options, is_cancelled: IsCancelled = never_cancelled
) -> Iterator[Event]:
    """Have an order carried out by a process of its own.

    A consumer that goes away cancels it.

    Args:
        command: What starts `converters.child`.
        options: The order.
        is_cancelled: Asked about every tenth of a second.

    Raises:
        ReportedError: What the process reported, or that it died.
    """
    with _Process(command) as process:
        process.send(wire.order_line(options))
        has_cancelled = False
        while True:
            if is_cancelled() and not has_cancelled:
                has_cancelled = True
                process.send({"op": "cancel"})
            try:
                line = process.lines.get(timeout=TICK_S)
            except queue.Empty:
                continue
            if line is None:
                process.check_ended_well()
                return
            yield wire.read_event(line)


class _Process:
    """The child, with a thread that reads its lines; None is the end of them."""

    def __init__(self, command: Sequence[str]) -> None:
        no_window = 0x08000000 if sys.platform == "win32" else 0  # CREATE_NO_WINDOW
        self._said: IO[str] = tempfile.TemporaryFile(  # noqa: SIM115  (closed in __exit__)
            "w+", encoding="utf-8", errors="replace"
        )
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            encoding="utf-8",
            creationflags=no_window,
        )
        self.lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="converter", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """End it, where it has not ended; nothing of a model that it writes is left."""
        if self._process.poll() is None:
            self.send({"op": "cancel"})
        try:
            self._process.wait(CANCEL_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reader.join()
        self._process.communicate()
        self._said.close()

    def send(self, line: Line) -> None:
        """Write a line, unless nobody is there any more: then the end of its lines tells."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(wire.dump(line) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass

    def check_ended_well(self) -> None:
        """Make sure that it ended by itself.

        Raises:
            ConverterDied: It did not.
        """
        code = self._process.wait()
        if code == 0:
            return
        self._said.seek(0)
        raise ConverterDied(
            "The converter stopped unexpectedly",
            death(code, self._said.read().splitlines()).detail,
            "Try again. What a conversion had finished is kept and used.",
        )

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)
