"""Decode speed through the whole engine, against a bare `llama_decode` loop."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.child import child_command
from bench.report import Line
from inference.engine import (
    ChatMessage,
    Finished,
    GenerateRequest,
    ModelParams,
    PrefillProgress,
    Sampling,
)
from inference.host import EngineHost

N_TOKENS = 192
QUESTION = ChatMessage("user", "Tell me a very long story about a lighthouse keeper and the sea.")


class _BareLoop:
    """The bare loop's process."""

    def __init__(self, model: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.bare_loop", str(model)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        assert self._output.readline().strip() == "ready"

    def speed(self, n_prompt: int, n_tokens: int) -> float:
        self._input.write(f"{n_prompt} {n_tokens}\n")
        self._input.flush()
        return float(self._output.readline())

    def close(self) -> None:
        self._input.close()
        self._process.wait(10)
        self._output.close()


def measure(model: Path, repetitions: int) -> list[Line]:
    """Alternate both, after one round that is thrown away."""
    bare_speeds, engine_speeds, greedy_ratios, drawn_ratios = [], [], [], []
    with _bare_loop(model) as bare, _engine() as engine:
        for round_ in range(repetitions + 1):
            greedy, n_prompt, n_tokens = _engine_speed(engine, model, Sampling(temperature=0))
            reference = bare.speed(n_prompt, n_tokens)
            drawn, *_ = _engine_speed(engine, model, Sampling(seed=1))
            again = bare.speed(n_prompt, n_tokens)
            if round_ == 0:
                continue
            bare_speeds += [reference, again]
            engine_speeds.append(greedy)
            greedy_ratios.append(greedy / reference)
            drawn_ratios.append(drawn / again)
    return [
        Line("bare llama_decode loop", bare_speeds, "tokens/s"),
        Line("through the engine's process, greedy", engine_speeds, "tokens/s"),
        Line("ratio, greedy", greedy_ratios, digits=3),
        Line("ratio, with the model's own sampling", drawn_ratios, digits=3),
    ]


@contextmanager
def _bare_loop(model: Path) -> Iterator[_BareLoop]:
    loop = _BareLoop(model)
    try:
        yield loop
    finally:
        loop.close()


@contextmanager
def _engine() -> Iterator[EngineHost]:
    host = EngineHost(child_command("engine"))
    try:
        yield host
    finally:
        host.close()


def _engine_speed(engine: EngineHost, model: Path, sampling: Sampling) -> tuple[float, int, int]:
    """Tokens per second as the parent sees them, with the tokens of prompt and answer."""
    asked = Sampling(temperature=sampling.temperature, seed=sampling.seed, max_tokens=N_TOKENS)
    request = GenerateRequest(str(time.monotonic_ns()), ModelParams(model), (QUESTION,), asked)
    began = 0.0
    for event in engine.run(request):
        if isinstance(event, PrefillProgress):
            began = time.perf_counter()
        elif isinstance(event, Finished):
            elapsed = time.perf_counter() - began
            return event.tokens_out / elapsed, event.tokens_in, event.tokens_out
    raise RuntimeError("the engine did not finish")
