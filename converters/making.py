"""From a model's keys and sources to its file: types, plan, writing, last check.

`convert` and `quantize` bring the keys and the sources; all else is the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np
from gguf import GGMLQuantizationType

from converters.estimate import estimated_seconds
from converters.llama import Judge
from converters.mixing import Draft, SourceTensor, with_final_types
from converters.options import QuantizeOptions
from converters.progress import Cancelled, IsCancelled, Progress
from converters.quantization.ggml import requires_imatrix
from converters.quantization.imatrix import Imatrix
from converters.quantization.rows import quantize_rows
from converters.replacing import check_absent
from converters.tensors import SourceDtype
from converters.waiting import awaited
from converters.writing.output import Output, no_room
from converters.writing.pieces import FLOATS, TensorTask
from converters.writing.plan import Plan, make_plan
from converters.writing.writer import Writer, WriteReport

_ANY_ROW = 256
"""A row that every type can hold."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a dry run tells.

    Attributes:
        paths: Files that would be written.
        file_bytes: Their sizes.
        types: How many tensors of each type there are, and their bytes.
        n_parameters: Weights.
        free_bytes: What the file system has free.
        seconds: How long writing is expected to take.
        notes: What a person should know.
    """

    paths: tuple[Path, ...]
    file_bytes: tuple[int, ...]
    types: Mapping[str, tuple[int, int]]
    n_parameters: int
    free_bytes: int
    seconds: float
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Converted:
    """A finished model.

    Attributes:
        paths: Its files; the first opens it.
        n_bytes: Their size.
        types: How many tensors of each type there are, and their bytes.
        seconds: How long it took.
        notes: What a person should know: fallbacks, weights that are not finite.
    """

    paths: tuple[Path, ...]
    n_bytes: int
    types: Mapping[str, tuple[int, int]]
    seconds: float
    notes: tuple[str, ...]


Event = Progress | Planned | Converted | Cancelled


def make_model(
    draft: Draft, target: Path, options: QuantizeOptions, judge: Judge, is_cancelled: IsCancelled
) -> Iterator[Event]:
    """Write a model, or tell what would be written.

    Args:
        draft: The model.
        target: Its file.
        options: Types, splitting, threads.
        judge: llama.cpp, which is asked for types and for its opinion of the result.
        is_cancelled: Asked about every tenth of a second.

    Yields:
        Progress, and at the end what was made or planned.

    Raises:
        Stopped: It was cancelled; nothing is left.
        ConverterError: It cannot be made; nothing stands under a final name.
    """
    started = monotonic()
    imatrix = Imatrix.read(options.imatrix) if options.imatrix else None
    metadata, tensors, notes = awaited(
        lambda: with_final_types(draft, options, imatrix, judge), is_cancelled
    )
    plan = make_plan(
        target.name, metadata, [tensor.shape for tensor in tensors], options.split_bytes
    )
    tasks = _tasks(plan, tensors, imatrix, rounds=not draft.is_final)
    fingerprint = _fingerprint(draft, plan, imatrix)
    output = Output(target, plan, fingerprint, options.force)
    n_threads = options.n_threads or usable_cores()
    types = _types(plan)
    if options.dry_run:
        yield _planned(plan, target, types, tasks, n_threads, (*draft.notes, *notes))
        return
    writer = Writer(output, tasks, n_threads, is_cancelled, options.allow_not_finite)
    try:
        awaited(lambda: _compile_kernels(tasks), is_cancelled)
        report = yield from writer.run()
        _check_result(output, judge, is_cancelled)
        output.publish()
    finally:
        output.close()
    notes = (*draft.notes, *notes, *_told(report))
    yield Converted(output.final_paths, plan.n_bytes, types, monotonic() - started, notes)


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _tasks(
    plan: Plan, tensors: Sequence[SourceTensor], imatrix: Imatrix | None, rounds: bool
) -> list[TensorTask]:
    """Tensors with what they are made of; dequantized ones pass through bfloat16, as they do on
    the way over an unquantized file."""
    tasks = []
    for planned, tensor in zip(plan.tensors, tensors, strict=True):
        shape = tensor.shape
        importance = None
        if imatrix and shape.type not in FLOATS and tensor.source.packed_type is not shape.type:
            importance = imatrix.of_tensor(shape.name, shape.shape)
        through_bf16 = rounds and tensor.source.dtype is SourceDtype.DEQUANTIZED
        tasks.append(TensorTask(planned, tensor.source, through_bf16, importance))
    return tasks


def _fingerprint(draft: Draft, plan: Plan, imatrix: Imatrix | None) -> str:
    digest = hashlib.sha256(draft.identity.encode())
    for file in plan.files:
        digest.update(file.header)
    digest.update(str(imatrix.matrix.checksum if imatrix else None).encode())
    return digest.hexdigest()


def _types(plan: Plan) -> dict[str, tuple[int, int]]:
    counts: Counter[GGMLQuantizationType] = Counter()
    sizes: Counter[GGMLQuantizationType] = Counter()
    for planned in plan.tensors:
        counts[planned.tensor.type] += 1
        sizes[planned.tensor.type] += planned.tensor.n_bytes
    return {type_.name: (counts[type_], sizes[type_]) for type_, _ in sizes.most_common()}


def _compile_kernels(tasks: Sequence[TensorTask]) -> None:
    """Have kernels compiled and tried, before the work: the first time that takes seconds."""
    for type_ in {task.planned.tensor.type for task in tasks if not task.is_copied}:
        if not requires_imatrix(type_):
            quantize_rows(type_, np.zeros((1, _ANY_ROW), dtype=np.float32))


def _planned(
    plan: Plan,
    target: Path,
    types: Mapping[str, tuple[int, int]],
    tasks: Sequence[TensorTask],
    n_threads: int,
    notes: tuple[str, ...],
) -> Planned:
    free = shutil.disk_usage(existing_folder(target)).free
    n_parameters = sum(task.source.n_rows * task.source.n_columns for task in tasks)
    return Planned(
        tuple(target.with_name(file.name) for file in plan.files),
        tuple(file.n_bytes for file in plan.files),
        types,
        n_parameters,
        free,
        estimated_seconds(tasks, n_threads),
        notes,
    )


def existing_folder(path: Path) -> Path:
    """The nearest folder above a path that exists."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def check_target(target: Path, options: QuantizeOptions, needed: int = 0) -> None:
    """Make sure early that a result can be written there.

    Raises:
        OutputExists: There is a file of this name.
        OutputFailed: There is no room, or a folder is in the way.
    """
    check_absent([target], bool(options.force or options.dry_run or options.split_bytes))
    free = shutil.disk_usage(existing_folder(target)).free
    if needed > free and not options.dry_run:
        raise no_room(target.parent, needed, free)


def _check_result(output: Output, judge: Judge, is_cancelled: IsCancelled) -> None:
    """Let llama.cpp load keys, vocabulary and tensors of what was written."""
    try:
        awaited(lambda: judge.check_loads(output.paths[0]), is_cancelled)
    except BaseException:
        output.discard()
        raise


def _told(report: WriteReport) -> Iterator[str]:
    if report.n_resumed:
        yield f"{report.n_resumed} tensors were taken over from an earlier attempt"
    for name, count in report.not_finite.items():
        yield f"{name} has {count:,} weights that are NaN or infinite"
