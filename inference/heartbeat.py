"""What the engine's process says: its lines, and from a thread of its own that work moves on.

A thread beats on while native code hangs, so it tells only what others have counted: a load's
tensors, a graph's nodes, an answer's tokens. Where that stands still, nothing is said.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from inference import wire

BEAT_S = 1.0


class ParentGone(Exception):
    """Nobody reads what is written here."""


class Output:
    """The protocol's stdout, for several threads."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, line: wire.Line) -> None:
        """Write one line.

        Raises:
            ParentGone: Nobody reads any more.
        """
        try:
            with self._lock:
                self._stream.write(wire.dump(line))
                self._stream.flush()
        except (BrokenPipeError, ValueError) as error:  # a closed file is a ValueError
            raise ParentGone from error

    def close(self) -> None:
        """Write no more, which the parent sees."""
        with self._lock, suppress(OSError):
            self._stream.close()


class Heartbeat:
    """While it is on, says every `BEAT_S` that something was done since, if it was.

    Args:
        n_steps: How much has been done so far; asked on another thread.
        output: Where it is said.
    """

    def __init__(self, n_steps: Callable[[], int], output: Output) -> None:
        self._n_steps = n_steps
        self._output = output
        self._working = threading.Event()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()

    @contextmanager
    def on(self) -> Iterator[None]:
        """Beat inside of this block."""
        self._working.set()
        try:
            yield
        finally:
            self._working.clear()

    def _beat(self) -> None:
        told = 0
        while self._working.wait():
            time.sleep(BEAT_S)
            n_steps = self._n_steps()
            if n_steps != told:
                told = n_steps
                with suppress(ParentGone):  # the main thread comes upon it as well
                    self._output.send({"event": wire.ALIVE, "n_steps": n_steps})
