"""What `conclave bench` reports: a table for people, and JSON with the names of `llama-bench`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from inference.engine import BenchPoint, BenchRequest, Loaded


@dataclass(frozen=True, slots=True)
class Row:
    """One test, as llama-bench counts them: `n_prompt` or `n_generate` is 0.

    Times in nanoseconds, speeds in tokens per second.
    """

    n_prompt: int
    n_generate: int
    depth: int
    samples_ns: tuple[int, ...]

    @property
    def name(self) -> str:
        """As llama-bench writes it, for instance "pp512 @ d4096"."""
        kind = f"pp{self.n_prompt}" if self.n_prompt else f"tg{self.n_generate}"
        return f"{kind} @ d{self.depth}" if self.depth else kind

    @property
    def speeds(self) -> list[float]:
        """Tokens per second of each repetition."""
        return [(self.n_prompt + self.n_generate) * 1e9 / time_ns for time_ns in self.samples_ns]


def rows_of(request: BenchRequest, points: Sequence[BenchPoint]) -> list[Row]:
    """Prefill and decode of every depth."""
    rows = []
    for point in points:
        rows.append(Row(request.n_prompt, 0, point.depth, point.prefill_ns))
        rows.append(Row(0, request.n_generate, point.depth, point.decode_ns))
    return rows


def table(loaded: Loaded, rows: Sequence[Row]) -> str:
    """A table with the mean speed of each test and its standard deviation."""
    size = f"{loaded.size_bytes / 2**20:,.0f} MiB, {loaded.n_params / 1e6:,.0f} M parameters"
    lines = [
        f"{loaded.name} ({loaded.architecture}, {size})",
        f"{loaded.device}, {loaded.n_threads} threads, context {loaded.n_ctx:,}",
        "",
        f"{'test':16} {'tokens/s':>20}",
    ]
    for row in rows:
        speed = f"{mean(row.speeds):,.2f} ± {_spread(row.speeds):,.2f}"
        lines.append(f"{row.name:16} {speed:>20}")
    return "\n".join(lines)


def as_json(path: Path, loaded: Loaded, n_batch: int, rows: Sequence[Row]) -> str:
    """A list with one object a test."""
    return json.dumps([_object(path, loaded, n_batch, row) for row in rows], indent=2)


def _object(path: Path, loaded: Loaded, n_batch: int, row: Row) -> dict[str, Any]:
    return {
        "model_filename": str(path),
        "model_type": loaded.name,
        "model_size": loaded.size_bytes,
        "model_n_params": loaded.n_params,
        "n_batch": n_batch,
        "n_ubatch": n_batch,
        "n_threads": loaded.n_threads,
        "backends": loaded.device,
        "n_prompt": row.n_prompt,
        "n_gen": row.n_generate,
        "n_depth": row.depth,
        "avg_ns": round(mean(row.samples_ns)),
        "stddev_ns": round(_spread(row.samples_ns)),
        "avg_ts": mean(row.speeds),
        "stddev_ts": _spread(row.speeds),
        "samples_ns": list(row.samples_ns),
        "samples_ts": row.speeds,
    }


def _spread(values: Sequence[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0
