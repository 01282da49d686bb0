"""Prefill and decode through the whole engine, against a bare `llama_decode` loop."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace

from bench.engines import running_engine
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

MIN_RATIO = 0.98
N_TOKENS = 192
N_WORDS = 1500
"""Of the long prompt; about as many tokens."""
QUESTION = "Tell me a very long story about a lighthouse keeper and the sea."
WORDS = [
    "river",
    "stone",
    "lamp",
    "winter",
    "garden",
    "letter",
    "paper",
    "music",
    "window",
    "bread",
]


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

    def prefill(self, n_known: int, n_prompt: int) -> float:
        return self._speeds(n_known, n_prompt, 1)[0]

    def decode(self, n_prompt: int, n_tokens: int) -> float:
        return self._speeds(0, n_prompt, n_tokens)[1]

    def _speeds(self, n_known: int, n_prompt: int, n_tokens: int) -> tuple[float, float]:
        self._input.write(f"{n_known} {n_prompt} {n_tokens}\n")
        self._input.flush()
        prefill, decode = map(float, self._output.readline().split())
        return prefill, decode

    def close(self) -> None:
        self._input.close()
        self._process.wait(10)
        self._output.close()


def measure(model: Path, repetitions: int) -> list[Line]:
    """Alternate both, after one round that is thrown away."""
    bare_speeds, engine_speeds, greedy_ratios, drawn_ratios = [], [], [], []
    bare_prefills, prefill_ratios = [], []
    with _bare_loop(model) as bare, running_engine() as engine:
        for round_ in range(repetitions + 1):
            greedy, n_prompt, n_tokens = _decode_speed(engine, model, Sampling(temperature=0))
            reference = bare.decode(n_prompt, n_tokens)
            drawn, *_ = _decode_speed(engine, model, Sampling(seed=1))
            again = bare.decode(n_prompt, n_tokens)
            prefill, n_known, n_long = _prefill_speed(engine, model, round_)
            bare_prefill = bare.prefill(n_known, n_long)
            if round_ == 0:
                continue
            bare_speeds += [reference, again]
            engine_speeds.append(greedy)
            greedy_ratios.append(greedy / reference)
            drawn_ratios.append(drawn / again)
            bare_prefills.append(bare_prefill)
            prefill_ratios.append(prefill / bare_prefill)
    return [
        Line("decode, bare llama_decode loop", bare_speeds, "tokens/s"),
        Line("decode through the engine's process, greedy", engine_speeds, "tokens/s"),
        Line("decode ratio, greedy", greedy_ratios, digits=3, at_least=MIN_RATIO),
        Line(
            "decode ratio, with the model's own sampling",
            drawn_ratios,
            digits=3,
            at_least=MIN_RATIO,
        ),
        Line(f"prefill of {n_long:,} tokens, bare loop", bare_prefills, "tokens/s"),
        Line("prefill ratio", prefill_ratios, digits=3, at_least=MIN_RATIO),
    ]


@contextmanager
def _bare_loop(model: Path) -> Iterator[_BareLoop]:
    loop = _BareLoop(model)
    try:
        yield loop
    finally:
        loop.close()


def _prefill_speed(engine: EngineHost, model: Path, seed: int) -> tuple[float, int, int]:
    """Tokens per second from the question to the last token of a prompt never seen before.

    With the tokens at its beginning that the context held, and those that were evaluated.
    """
    draw = random.Random(seed)
    words = " ".join(draw.choice(WORDS) for _ in range(N_WORDS))
    began = time.perf_counter()
    for event in engine.run(_request(model, words, Sampling(max_tokens=1))):
        if isinstance(event, PrefillProgress) and event.done == event.total:
            prefilled = time.perf_counter()
        elif isinstance(event, Finished):
            speed = event.tokens_evaluated / (prefilled - began)
            return speed, event.tokens_reused, event.tokens_evaluated
    raise RuntimeError("the engine did not finish")


def _decode_speed(engine: EngineHost, model: Path, sampling: Sampling) -> tuple[float, int, int]:
    """Tokens per second as the parent sees them, with the tokens of prompt and answer."""
    began = 0.0
    for event in engine.run(_request(model, QUESTION, replace(sampling, max_tokens=N_TOKENS))):
        if isinstance(event, PrefillProgress):
            began = time.perf_counter()
        elif isinstance(event, Finished):
            elapsed = time.perf_counter() - began
            return event.tokens_out / elapsed, event.tokens_in, event.tokens_out
    raise RuntimeError("the engine did not finish")


def _request(model: Path, text: str, sampling: Sampling) -> GenerateRequest:
    return GenerateRequest(uuid4().hex, ModelParams(model), (ChatMessage("user", text),), sampling)
