"""An engine that says a text at a steady speed: measurements of the window need no model."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from inference.engine import (
    EngineOptions,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    Request,
    TextDelta,
)

TOKENS_PER_SECOND = 200.0


class ScriptedEngine:
    """Implements `inference.engine.ConfigurableEngine`; set `tokens` before a question is asked.

    Attributes:
        n_said: Tokens of the running answer that have left it; any thread may read it.
    """

    def __init__(self) -> None:
        self.tokens: Sequence[str] = ("Hello.",)
        self.n_said = 0
        self._ended = threading.Event()

    def run(self, request: Request) -> Iterator[Event]:
        """Say the tokens, each when its time has come."""
        if not isinstance(request, GenerateRequest):
            yield Loaded("Scripted", "llama", 135_000_000, 98_000_000, 8192, 8192, 1, "CPU")
            return
        self._ended.clear()
        self.n_said = 0
        began = time.perf_counter()
        for number, token in enumerate(self.tokens, 1):
            due_s = began + number / TOKENS_PER_SECOND - time.perf_counter()
            if self._ended.wait(max(due_s, 0.0)):
                break
            yield TextDelta(token)
            self.n_said = number
        decode_ms = (time.perf_counter() - began) * 1000
        yield Finished(FinishReason.STOP, 10, self.n_said, 0, 1.0, decode_ms, 8192, n_used=100)

    def cancel(self, request_id: str) -> None:  # noqa: ARG002
        """End the answer."""
        self._ended.set()

    def configure(self, options: EngineOptions) -> None:
        """Nothing can be configured."""

    def close(self) -> None:
        """End the answer."""
        self._ended.set()
