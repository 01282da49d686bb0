"""How long a stop takes, from the call in the parent to the last event, in prefill and decode."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

from bench.engines import running_engine
from bench.report import Line
from inference.engine import (
    ChatMessage,
    Event,
    Finished,
    GenerateRequest,
    ModelParams,
    PrefillProgress,
    Sampling,
    TextDelta,
)
from inference.host import EngineHost

N_TOKENS_TO_REACH = 20
STORY = ChatMessage("user", "Tell me a very long story about a lighthouse keeper and the sea.")
PROMPT_WORDS = 4000


def measure(model: Path, repetitions: int) -> list[Line]:
    """Stop answers and prompts in their middle, at places that vary."""
    params = ModelParams(model)
    dice = random.Random(0)
    decode, prefill, kept = [], [], []
    with running_engine() as engine:
        for _ in range(repetitions):
            at = dice.randrange(2, N_TOKENS_TO_REACH)
            decode.append(_stopped(engine, params, STORY, _nth_text(at))[0])
            # Words that differ, so that each prompt is evaluated from its beginning.
            words = " ".join(dice.choice("abcdefgh") for _ in range(PROMPT_WORDS))
            latency, end, told = _stopped(
                engine, params, ChatMessage("user", words), _in_prefill(dice.randrange(1, 4))
            )
            prefill.append(latency)
            kept.append(end.n_used - told)
    return [
        Line("stop in an answer, to its last event", decode, "ms"),
        Line("slowest of these", [max(decode)], "ms", at_most=300),
        Line("stop in a prompt, to its last event", prefill, "ms"),
        Line("slowest of these", [max(prefill)], "ms"),
        Line("evaluated tokens lost by it, at most", [max(0, -min(kept))], "tokens", 0, at_most=0),
    ]


def _stopped(
    engine: EngineHost,
    params: ModelParams,
    message: ChatMessage,
    is_time: Callable[[Event], bool],
) -> tuple[float, Finished, int]:
    """Milliseconds from the stop to the end, the end, and the tokens told of before the stop."""
    request = GenerateRequest(str(time.monotonic_ns()), params, (message,), Sampling(temperature=0))
    began, told = 0.0, 0
    for event in engine.run(request):
        if isinstance(event, PrefillProgress) and not began:
            told = event.done
        if isinstance(event, Finished):
            return (time.perf_counter() - began) * 1000, event, told
        if not began and is_time(event):
            time.sleep(0.02)  # into the middle of the step that follows
            began = time.perf_counter()
            engine.cancel(request.id)
    raise RuntimeError("the engine did not finish")


def _nth_text(number: int) -> Callable[[Event], bool]:
    seen = 0

    def is_time(event: Event) -> bool:
        nonlocal seen
        seen += isinstance(event, TextDelta)
        return seen >= number

    return is_time


def _in_prefill(n_steps: int) -> Callable[[Event], bool]:
    seen = 0

    def is_time(event: Event) -> bool:
        nonlocal seen
        seen += isinstance(event, PrefillProgress)
        return seen > n_steps

    return is_time
