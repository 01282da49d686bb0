"""The planner's placements against the best of a sweep, on a graphics card or on a worker.

For three amounts of the device's memory (all that the model wants, what attention and cache want,
half of it all) prefill and decode are measured for the planner's own choice and for every setting
of a grid of layers and experts' layers that fits. Without a graphics card a worker on this machine
stands for one: that shows that everything works, but a worker that shares the processor is no
faster than it, so only a card's ratios mean something.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from bench.engines import running_engine
from bench.report import Line
from inference.engine import BenchPoint, BenchRequest, Loaded, LoadRequest, ModelParams
from inference.errors import ModelTooLarge, WorkerUnreachable
from inference.host import EngineHost
from inference.rpc_address import check_worker

N_CTX = 2048
N_PROMPT, N_GENERATE = 256, 32
GRID = 4
"""Steps of the sweep between nothing and everything, of layers and of experts' layers."""
SLACK = 1.02
"""Of the memory that a placement took, so that it fits once more."""
GOAL = 0.95
WORKER_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second with one placement."""

    placement: str
    prefill: float
    decode: float


def measure(model: Path, repetitions: int, workers: Sequence[str] = ()) -> list[Line]:
    """Measure each amount of memory; the goal of both ratios is `GOAL`."""
    with _device(model, tuple(workers)) as params, running_engine() as engine:
        bench = _Bench(engine, repetitions)
        whole = bench.loaded(params)
        print(f"{whole.device}: {whole.placement}; goal of the ratios {GOAL}\n")
        lines = []
        for name, limit in bench.limits(params, whole).items():
            lines += bench.compared(name, replace(params, max_device_bytes=limit))
    return lines


@contextmanager
def _device(model: Path, workers: tuple[str, ...]) -> Iterator[ModelParams]:
    """What to load on: the card, the named workers, or a worker that is started for this."""
    params = ModelParams(model, N_CTX, rpc_servers=workers)
    with running_engine() as engine:
        is_needed = not workers and _loaded(engine, params).device == "CPU"
    if not is_needed:
        yield params
        return
    print("There is no graphics card that this build can use: a worker on this machine stands in.")
    with _worker() as address:
        yield replace(params, rpc_servers=(address,))


@contextmanager
def _worker() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "app", "rpc-worker", "--port", str(port), "--threads", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(f"127.0.0.1:{port}")
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _await(address: str) -> None:
    deadline = time.monotonic() + WORKER_TIMEOUT_S
    while True:
        try:
            return check_worker(address)
        except WorkerUnreachable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class _Bench:
    """Measures placements with one engine."""

    def __init__(self, engine: EngineHost, repetitions: int) -> None:
        self._engine = engine
        self._repetitions = repetitions

    def loaded(self, params: ModelParams) -> Loaded:
        return _loaded(self._engine, params)

    def limits(self, params: ModelParams, whole: Loaded) -> dict[str, int]:
        """Bytes of the device to use, by what they are enough for."""
        everything = _on_devices(whole)
        without_experts = _on_devices(self.loaded(replace(params, n_expert_layers=0)))
        limits = {"all on the device": 0, "half of it": everything // 2}
        if without_experts < everything:
            limits["experts in memory"] = int(without_experts * SLACK)
        return limits

    def compared(self, name: str, params: ModelParams) -> list[Line]:
        """The planner's choice, the best of the sweep, and the ratios of the two."""
        planned = self.speed(params)
        swept = self._sweep(params, planned)
        prefill = max(swept, key=lambda speed: speed.prefill)
        decode = max(swept, key=lambda speed: speed.decode)
        print(f"{name}: {planned.placement}")
        print(f"  best prefill of {len(swept)}: {prefill.placement}")
        print(f"  best decode: {decode.placement}")
        return [
            Line(f"{name}: prefill as planned", [planned.prefill], "tokens/s"),
            Line(f"{name}: prefill, ratio to the best", [planned.prefill / prefill.prefill], "", 3),
            Line(f"{name}: decode as planned", [planned.decode], "tokens/s"),
            Line(f"{name}: decode, ratio to the best", [planned.decode / decode.decode], "", 3),
        ]

    def _sweep(self, params: ModelParams, planned: Speed) -> list[Speed]:
        """Every placement of the grid once; what does not fit the limit, the planner makes fit."""
        found = {planned.placement: planned}
        n_units = self._n_units(params)
        steps = sorted({round(n_units * step / GRID) for step in range(GRID + 1)})
        for n_gpu_layers in steps:
            for n_expert_layers in [step for step in steps if step <= n_gpu_layers]:
                wanted = replace(params, n_gpu_layers=n_gpu_layers, n_expert_layers=n_expert_layers)
                try:
                    placement = self.loaded(wanted).placement
                except ModelTooLarge:
                    continue
                if placement not in found:
                    found[placement] = self.speed(wanted)
        return list(found.values())

    def _n_units(self, params: ModelParams) -> int:
        """Layers, and one for the output, as `n_gpu_layers` counts them."""
        words = self.loaded(replace(params, n_gpu_layers=0)).placement.split()
        return int(words[1])  # "all N layers in system memory"

    def speed(self, params: ModelParams) -> Speed:
        request = BenchRequest(
            os.urandom(4).hex(), params, (0,), N_PROMPT, N_GENERATE, self._repetitions
        )
        placement = self.loaded(params).placement
        (point,) = [event for event in self._engine.run(request) if isinstance(event, BenchPoint)]
        return Speed(
            placement,
            N_PROMPT * 1e9 / median(point.prefill_ns),
            N_GENERATE * 1e9 / median(point.decode_ns),
        )


def _loaded(engine: EngineHost, params: ModelParams) -> Loaded:
    *_, last = engine.run(LoadRequest(os.urandom(4).hex(), params))
    assert isinstance(last, Loaded)  # nobody cancels here
    return last


def _on_devices(loaded: Loaded) -> int:
    return sum(size for name, size in loaded.memory_bytes.items() if name != "CPU")
