"""How long a conversion will take: one piece of each type is made, and the rest reckoned by it."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from gguf import GGMLQuantizationType

from converters.writing.pieces import TensorTask, make


def estimated_seconds(tasks: Sequence[TensorTask], n_threads: int) -> float:
    """Seconds of reading and quantizing; writing is taken to keep pace."""
    speeds: dict[tuple[GGMLQuantizationType, bool], float] = {}
    seconds = 0.0
    for task in sorted(tasks, key=lambda task: -task.planned.tensor.n_bytes):
        kind = task.planned.tensor.type, task.is_copied
        if kind not in speeds:
            speeds[kind] = _seconds_a_weight(task)
        seconds += speeds[kind] * task.source.n_rows * task.source.n_columns
    return seconds / n_threads


def _seconds_a_weight(task: TensorTask) -> float:
    """The time of the second of two pieces: the first one fills caches."""
    piece = next(task.pieces(), None)
    if piece is None:
        return 0.0
    make(piece)
    started = perf_counter()
    make(piece)
    return (perf_counter() - started) / (piece.count * task.source.n_columns)
