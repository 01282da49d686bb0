"""What llama.cpp logs: to stderr, which is the engine's log, and kept for explanations."""

from __future__ import annotations

import ctypes
import sys
from collections import deque

import llama_cpp.llama_cpp as llama

LOG_LINES = 200
LOG_LEVEL_DEBUG = 1


class NativeLog:
    """The last lines llama.cpp logged, which are the only place where it explains a failure."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=LOG_LINES)
        self._partial = ""
        self._callback = llama.llama_log_callback(self._on_text)
        llama.llama_log_set(self._callback, ctypes.c_void_p(0))

    def _on_text(self, level: int, text: bytes, _user_data: object) -> None:
        if level == LOG_LEVEL_DEBUG:
            return
        *whole, self._partial = (self._partial + text.decode("utf-8", "replace")).split("\n")
        for line in whole:
            self.lines.append(line)
            print(line, file=sys.stderr)  # noqa: T201  (stderr is the engine's log)

    def explanation(self) -> str:
        """The first line that speaks of an error, else the last one."""
        telling = (line for line in self.lines if "error" in line.lower())
        return next(telling, self.lines[-1] if self.lines else "it logged nothing").strip()
