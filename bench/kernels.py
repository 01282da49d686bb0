"""Quantization: how many weights a core makes of each type a second, by ggml and by our kernels."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from bench.report import Line
from converters.quantization import compiled, ggml
from converters.quantization.rows import quantize_rows

N_ROWS, N_COLUMNS = 256, 2048
_SHORTEST_S = 0.1
_TAKES_NO_IMATRIX = (GGMLQuantizationType.F16, GGMLQuantizationType.Q8_0)


def measure(_model: Path, repetitions: int) -> list[Line]:
    """Alternate both on the same rows, type by type; processor time of this thread."""
    random = np.random.default_rng(1)
    rows = (random.standard_normal((N_ROWS, N_COLUMNS)) * 0.02).astype(np.float32)
    imatrix = random.exponential(size=N_COLUMNS).astype(np.float32)
    lines = []
    for type_ in (GGMLQuantizationType.F16, *compiled.kernel_types()):
        lines += _compare(type_, rows, None, repetitions)
        if type_ not in _TAKES_NO_IMATRIX:
            lines += _compare(type_, rows, imatrix, repetitions)
    return lines


def _compare(
    type_: GGMLQuantizationType,
    rows: NDArray[np.float32],
    imatrix: NDArray[np.float32] | None,
    repetitions: int,
) -> list[Line]:
    out = np.empty((len(rows), ggml.row_size(type_, rows.shape[1])), np.uint8)
    ggmls, ours = [], []
    for _ in range(repetitions):
        ggmls.append(_speed(rows, lambda: ggml.quantize_rows(type_, rows, imatrix, out)))
        ours.append(_speed(rows, lambda: quantize_rows(type_, rows, imatrix, out)))
    name = type_.name if imatrix is None else f"{type_.name} with imatrix"
    ratios = [our / ggml_ for our, ggml_ in zip(ours, ggmls, strict=True)]
    return [
        Line(f"{name}, ggml", ggmls, "M/s"),
        Line(f"{name}, kernel", ours, "M/s"),
        Line(f"{name}, ratio", ratios),
    ]


def _speed(rows: NDArray[np.float32], work: Callable[[], object]) -> float:
    """Million weights per second of this thread's processor time, over at least 0.1 s."""
    n_calls, began = 0, time.thread_time()
    while (elapsed := time.thread_time() - began) < _SHORTEST_S:
        work()
        n_calls += 1
    return rows.size * n_calls / elapsed / 1e6
