"""Conversion: speed beside llama.cpp's own tools and beside `cp`, and memory at the peak.

All programs of a row take turns, and each begins when the disk has nothing left to write. The clock
counts everything else that runs on the machine too, processor time does not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from app.child import child_command
from bench.deepseek import write_deepseek
from bench.mixture import write_mixture
from bench.report import Line
from bench.upstream import Upstream
from converters import host
from converters.options import ConvertOptions
from converters.progress import Cancelled, Progress

KINDS = {"Q4_K_M": 5.0, "BF16": 4.0, "F16": 4.0, "Q8_0": 4.0}
"""Types, and how many times as fast as llama.cpp's tools they are to be made."""
FP8_KIND, FP8_GOAL = "Q8_0", 5.0
_CP_GOAL = 0.8
LARGE_BYTES = 10_000_000_000
"""Of the checkpoint that only shows that memory does not grow with it."""
_UNDER_WAY_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """What one program, or several one after the other, took; `peak_bytes` is resident memory."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measure(
    folder: Path, n_bytes: int, repetitions: int, upstream: Upstream | None
) -> Iterator[Line]:
    """Convert a generated mixture to several types.

    Args:
        folder: Where to write; on the disk that is measured.
        n_bytes: Size of the checkpoint.
        repetitions: How often each is done.
        upstream: llama.cpp's tools; None: only our own figures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = write_mixture(folder / "bf16", n_bytes)
    for kind, goal in KINDS.items():
        yield from _row(checkpoint, kind, repetitions, upstream, goal)
    yield from _beside_cp(checkpoint, repetitions)
    shutil.rmtree(folder / "bf16")
    checkpoint = write_mixture(folder / "fp8", n_bytes, fp8=True)
    yield from _row(checkpoint, FP8_KIND, repetitions, upstream, FP8_GOAL, "FP8 to ")
    shutil.rmtree(folder / "fp8")
    checkpoint = write_mixture(folder / "sparse", LARGE_BYTES, is_sparse=True)
    yield _memory(f"Q4_K_M of {LARGE_BYTES / 1e9:.0f} GB", [_ours(checkpoint, "Q4_K_M")])
    yield from _cancels(checkpoint, repetitions)
    shutil.rmtree(folder / "sparse")
    checkpoint = write_deepseek(folder / "deepseek")
    for kind in ("Q4_K_M", "Q8_0"):
        yield _memory(f"{kind} of layers of DeepSeek-V3", [_ours(checkpoint, kind)])


def _cancels(checkpoint: Path, repetitions: int) -> Iterator[Line]:
    """From a cancel in the middle of writing until nothing is left."""
    for kind in ("BF16", "Q4_K_M"):
        times = [_cancel(checkpoint, kind) for _ in range(repetitions)]
        yield Line(f"{kind}, cancel while writing", times, "s", 2, at_most=0.5)


def _cancel(checkpoint: Path, kind: str) -> float:
    target = checkpoint.parent / "cancelled.gguf"
    options = ConvertOptions(source=checkpoint, output=target, type=kind)
    is_cancelled = threading.Event()
    asked_at = ended_at = 0.0
    for event in host.run(child_command("convert"), options, is_cancelled.is_set):
        is_under_way = isinstance(event, Progress) and event.done_bytes > _UNDER_WAY_BYTES
        if is_under_way and not is_cancelled.is_set():
            asked_at = perf_counter()
            is_cancelled.set()
        elif isinstance(event, Cancelled):
            ended_at = perf_counter()
    if any(target.parent.glob(f"{target.name}*")):
        sys.exit(f"bench: {target} is still there after a cancel")
    return ended_at - asked_at


def _row(
    checkpoint: Path,
    kind: str,
    repetitions: int,
    upstream: Upstream | None,
    goal: float,
    before: str = "",
) -> list[Line]:
    rivals: list[Callable[[], Run]] = [lambda: _ours(checkpoint, kind)]
    if upstream is not None:
        rivals.append(lambda: _theirs(upstream, checkpoint, kind))
    ours, *others = _alternated(rivals, repetitions)
    name = before + kind
    lines = [*_times(f"{name}, Conclave", ours), _memory(name, ours)]
    for theirs in others:
        lines += _times(f"{name}, llama.cpp", theirs)
        lines += _ratios(name, "llama.cpp", ours, theirs, goal)
    return lines


def _beside_cp(checkpoint: Path, repetitions: int) -> list[Line]:
    source, target = checkpoint / "model.safetensors", checkpoint.parent / "copy"
    copy = ["cp", "--reflink=never", str(source), str(target)]
    ours, plain, synced = _alternated(
        [
            lambda: _ours(checkpoint, "BF16"),
            lambda: _timed([copy], target),
            lambda: _timed([copy, ["sync", str(target)]], target),
        ],
        repetitions,
    )
    return [
        *_times("cp", plain),
        *_times("cp and sync", synced),
        *_ratios("BF16", "cp", ours, plain, _CP_GOAL),
        *_ratios("BF16", "cp and sync", ours, synced),
    ]


def _alternated(rivals: Sequence[Callable[[], Run]], repetitions: int) -> list[list[Run]]:
    """Runs of each; one of the first does not count: it fills caches and compiles kernels."""
    rivals[0]()
    rounds = [[rival() for rival in rivals] for _ in range(repetitions)]
    return [list(runs) for runs in zip(*rounds, strict=True)]


def _ours(checkpoint: Path, kind: str) -> Run:
    target = checkpoint.parent / "ours.gguf"
    command = [sys.executable, "-m", "app", "convert", str(checkpoint)]
    return _timed([[*command, "-o", str(target), "--type", kind]], target)


def _theirs(upstream: Upstream, checkpoint: Path, kind: str) -> Run:
    target, between = checkpoint.parent / "theirs.gguf", checkpoint.parent / "between.gguf"
    if kind in ("BF16", "F16", "Q8_0"):
        return _timed([upstream.conversion(checkpoint, target, kind)], target)
    convert = upstream.conversion(checkpoint, between, "BF16")
    return _timed([convert, upstream.quantization(between, target, kind)], target, between)


def _timed(commands: Sequence[Sequence[str]], *written: Path) -> Run:
    """Run programs one after the other; what they write is removed."""
    os.sync()
    began, cpu, peak = perf_counter(), 0.0, 0
    for command in commands:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # Popen shall not wait once more
        if process.returncode:
            sys.exit(f"bench: {' '.join(command)} ended with {process.returncode}")
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss * 1024)
    seconds = perf_counter() - began
    for path in written:
        path.unlink()
    return Run(seconds, cpu, peak)


def _times(name: str, runs: Sequence[Run]) -> list[Line]:
    return [
        Line(name, [run.seconds for run in runs], "s"),
        Line(f"{name}, processor time", [run.cpu_seconds for run in runs], "s"),
    ]


def _memory(name: str, runs: Sequence[Run]) -> Line:
    limit = 300 + 32 * len(os.sched_getaffinity(0))
    peaks = [run.peak_bytes / 1e6 for run in runs]
    return Line(f"{name}, memory at the peak", peaks, "MB", 0, at_most=limit)


def _ratios(
    name: str, other: str, ours: Sequence[Run], theirs: Sequence[Run], goal: float | None = None
) -> list[Line]:
    pairs = list(zip(ours, theirs, strict=True))
    clock = [their.seconds / our.seconds for our, their in pairs]
    cpu = [their.cpu_seconds / our.cpu_seconds for our, their in pairs]
    return [
        Line(f"{name}, times as fast as {other}", clock, digits=2, at_least=goal),
        Line(f"{name}, the same in processor time", cpu, digits=2),
    ]
