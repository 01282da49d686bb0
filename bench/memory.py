"""Planned bytes against what llama.cpp says it took, for several types of the KV cache."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.child import child_command
from bench.native_sizes import MIB, last_report
from bench.report import Line
from inference.engine import Loaded, LoadRequest, ModelParams
from inference.host import EngineHost

KV_TYPES = ("f16", "q8_0", "q4_0")


def measure(model: Path, _repetitions: int) -> list[Line]:
    """Load the model once with each type; these figures do not vary."""
    loads = [_load(model, kv_type) for kv_type in KV_TYPES]
    ratios = [planned / reported for planned, reported in loads]
    off = max(abs(ratio - 1) for ratio in ratios) * 100
    return [
        Line("memory planned, KV cache in f16, q8_0, q4_0", [load[0] for load in loads], "MiB"),
        Line("memory that llama.cpp reports", [load[1] for load in loads], "MiB"),
        Line("planned beside reported, farthest off", [off], "%", 2, at_most=3),
    ]


def _load(model: Path, kv_type: str) -> tuple[float, float]:
    """Planned and reported MiB on all devices together."""
    with tempfile.TemporaryDirectory() as folder:
        log_path = Path(folder, "engine.log")
        host = EngineHost(child_command("engine"), log_path)
        try:
            *_, loaded = host.run(LoadRequest("load", ModelParams(model, kv_type=kv_type)))
            assert isinstance(loaded, Loaded)
            return sum(loaded.memory_bytes.values()) / MIB, last_report(log_path, 1).whole
        finally:
            host.close()
