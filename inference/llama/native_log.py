"""What llama.cpp logs: kept for explanations, and passed on to the engine's log."""

from __future__ import annotations

import ctypes
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import llama_cpp.llama_cpp as llama

LOG_LINES = 200
LOG_LEVEL_DEBUG = 1
_CALLED_FOR_EVER: list[object] = []
"""Until the process ends llama.cpp may call what it was given, whoever else forgets it."""


class NativeLog:
    """The last lines llama.cpp logged, which are the only place where it explains a failure.

    Args:
        passed_on: Whether they go to stderr, which is the log of the engine's process.
    """

    def __init__(self, *, passed_on: bool = True) -> None:
        self._passed_on = passed_on
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self._partial = ""
        self._recorded: list[str] | None = None
        self.callback = llama.llama_log_callback(self._on_text)
        """For libraries beside llama.cpp that log on their own."""
        _CALLED_FOR_EVER.append(self.callback)
        llama.llama_log_set(self.callback, ctypes.c_void_p(0))

    def _on_text(self, level: int, text: bytes, _user_data: object) -> None:
        if level == LOG_LEVEL_DEBUG:
            return
        *whole, self._partial = (self._partial + text.decode("utf-8", "replace")).split("\n")
        if self._recorded is not None:
            self._recorded += whole
            return
        for line in whole:
            self.lines.append(line)
            if self._passed_on:
                print(line, file=sys.stderr)  # noqa: T201  (stderr is the engine's log)

    @contextmanager
    def recording(self) -> Iterator[list[str]]:
        """All lines from here on, however many, instead of the log."""
        self._recorded = []
        try:
            yield self._recorded
        finally:
            self._recorded = None


def explanation(lines: Sequence[str]) -> str:
    """The first line that speaks of an error, else the last one."""
    telling = (line for line in lines if "error" in line.lower())
    return next(telling, lines[-1] if lines else "it logged nothing").strip()
