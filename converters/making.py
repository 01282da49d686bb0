"""From a model's keys and sources to its file: types, plan, writing, last check.

`convert` and `quantize` bring the keys and the sources; all else is the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import monotonic

from gguf import GGMLQuantizationType

from converters.estimate import estimated_seconds
from converters.llama import Judge
from converters.llama.header_file import header_file
from converters.mixing import Draft, SourceTensor, explained, with_final_types
from converters.options import QuantizeOptions
from converters.progress import Cancelled, IsCancelled, Progress
from converters.quantization.compiled import kernel_for
from converters.quantization.imatrix import Imatrix
from converters.replacing import check_absent
from converters.results import Converted, Planned
from converters.tensors import SourceDtype
from converters.waiting import Awaited, awaited
from converters.writing.output import Output, no_room
from converters.writing.pieces import FLOATS, TensorTask
from converters.writing.plan import Plan, make_plan
from converters.writing.writer import Writer, WriteReport

_MANY_WEIGHTS = 1 << 24
"""Of one type; below, ggml is finished before a kernel is loaded."""
_MANY_ROUNDED = {GGMLQuantizationType.Q8_0: 1 << 29}
"""The same for a type without a search."""


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
        with header_file(metadata, [tensor.shape for tensor in tensors]) as path:
            awaited(partial(_check, draft, judge, path), is_cancelled)
        awaited(lambda: _compile_kernels(tasks), is_cancelled)
        yield _planned(plan, target, types, tasks, n_threads, (*draft.notes, *notes))
        return
    writer = Writer(
        output,
        tasks,
        n_threads,
        is_cancelled,
        allow_not_finite=options.allow_not_finite,
        check=lambda path: _check(draft, judge, path),
    )
    try:
        Awaited(lambda: _compile_kernels(tasks)).start()  # ggml quantizes meanwhile
        report = yield from writer.run()
        output.publish()
    finally:
        output.close()
    notes = (*draft.notes, *notes, *_told(report))
    yield Converted(output.final_paths, plan.n_bytes, types, monotonic() - started, notes)


def _check(draft: Draft, judge: Judge, path: Path) -> None:
    """Let llama.cpp load keys, vocabulary and the list of tensors."""
    with explained(draft):
        judge.check_loads(path)


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
    """Have kernels compiled where they are worth it: the first time ever that takes seconds."""
    n_weights: Counter[GGMLQuantizationType] = Counter()
    for task in tasks:
        if not task.is_copied:
            n_weights[task.planned.tensor.type] += task.source.n_rows * task.source.n_columns
    for type_, count in n_weights.most_common():
        if count >= _MANY_ROUNDED.get(type_, _MANY_WEIGHTS):
            kernel_for(type_)


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


def _told(report: WriteReport) -> Iterator[str]:
    if report.n_resumed:
        yield f"{report.n_resumed} tensors were taken over from an earlier attempt"
    for name, count in report.not_finite.items():
        yield f"{name} has {count:,} weights that are NaN or infinite"
