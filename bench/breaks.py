"""Fifty times two models in turn: what loading and unloading leave behind."""

from __future__ import annotations

import time
from pathlib import Path

import psutil

from bench.engines import running_engine, unshared_bytes
from bench.report import Line
from inference.engine import (
    ChatMessage,
    GenerateRequest,
    ModelParams,
    Sampling,
)
from inference.host import EngineHost

CYCLES = 50
WARM_UP = 4
"""Loads before the first reading: some things are allocated once."""


def measure(model: Path, _repetitions: int) -> list[Line]:
    """The same file with two lengths of context counts as two models."""
    models = (ModelParams(model, n_ctx=2048), ModelParams(model, n_ctx=4096))
    with running_engine() as engine:
        for index in range(WARM_UP):
            _cycle(engine, models[index % 2])
        processes = psutil.Process(engine.process_id), psutil.Process()
        before = [_held(process) for process in processes]
        times = [_cycle(engine, models[index % 2]) for index in range(CYCLES)]
        after = [_held(process) for process in processes]
    lines = [Line(f"load, answer of one token, unload ({CYCLES} times)", times, "ms")]
    for name, then, now in zip(("engine", "parent"), before, after, strict=True):
        lines += [
            Line(
                f"memory of the {name} after them, more",
                [(now[0] - then[0]) / 1e6],
                "MB",
                at_most=20,
            ),
            Line(f"threads of the {name}, more", [now[1] - then[1]], digits=0),
        ]
    return lines


def _held(process: psutil.Process) -> tuple[int, int]:
    return unshared_bytes(process), process.num_threads()


def _cycle(engine: EngineHost, model: ModelParams) -> float:
    """Milliseconds of a load with an answer of one token, the model before given back."""
    began = time.perf_counter()
    sampling = Sampling(temperature=0, max_tokens=1)
    request = GenerateRequest(str(began), model, (ChatMessage("user", "Hello."),), sampling)
    for _event in engine.run(request):
        pass
    return (time.perf_counter() - began) * 1000
