"""Writes a planned model: pieces on all cores, read back, synchronized; may be resumed.

What makes the work worthless (a changed source, weights that are no numbers, a cancel) removes what
was written; what does not (a full disk) leaves it for the next attempt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from converters.errors import BadWeights, OutputFailed
from converters.progress import IsCancelled, Progress
from converters.waiting import Awaited
from converters.writing.output import Output
from converters.writing.pieces import Made, Piece, TensorTask, make
from converters.writing.pool import Pool
from converters.writing.reading_back import ReadingBack, Written, damaged

REPORT_INTERVAL_S = 0.1
_SYNCHRONIZE_EVERY = 256 << 20
"""Bytes after which the disk is asked to write, so that little is left to wait for at the end."""

_READERS_PER_THREAD = 2


@dataclass(slots=True)
class WriteReport:
    """What was noticed while writing.

    Attributes:
        not_finite: NaN and infinite weights by tensor; only where they are allowed.
        n_resumed: Tensors that an earlier attempt had finished.
    """

    not_finite: dict[str, int] = field(default_factory=dict)
    n_resumed: int = 0


Writing = Generator[Progress, None, WriteReport]


class Writer:
    """Writes one model.

    Args:
        output: Its files.
        tasks: Its tensors.
        n_threads: Threads that read, quantize and write.
        is_cancelled: Asked about every tenth of a second.
        check: Looks at the header of the first file, which stands there before any weight, while
            the weights are written; what it raises ends the work.
        allow_not_finite: Whether weights that are NaN or infinite are written, where the type has
            such values.
    """

    def __init__(
        self,
        output: Output,
        tasks: Sequence[TensorTask],
        n_threads: int,
        is_cancelled: IsCancelled,
        check: Callable[[Path], None],
        allow_not_finite: bool = False,
    ) -> None:
        self._output, self._tasks = output, tasks
        self._n_threads, self._is_cancelled = n_threads, is_cancelled
        self._allow_not_finite = allow_not_finite
        self._checking = Awaited(lambda: check(output.paths[0]))
        self._trusted: set[str] = set()
        self._synchronizing: Awaited[None] = Awaited(output.synchronize)
        self._report = WriteReport()

    def run(self) -> Writing:
        """Write, check and synchronize; the files are then ready to be published.

        Raises:
            Stopped: It was cancelled.
            ConverterError: It failed; what is of no more use is removed.
        """
        earlier = self._output.open()
        self._checking.start()
        try:
            for progress in self._stages(earlier):
                self._checking.raise_failure()
                yield progress
            self._checking.result(self._is_cancelled)
        except OutputFailed as error:
            self._output.give_up(error)
            raise
        except BaseException:
            self._output.discard()
            raise
        return self._report

    def _stages(self, earlier: dict[str, list[int]]) -> Iterator[Progress]:
        yield from self._trust(earlier)
        rest = [task for task in self._tasks if task.name not in self._trusted]
        checked = _Meter("checking", rest)
        n_readers = _READERS_PER_THREAD * self._n_threads
        with ReadingBack(self._sum_on_disk, n_readers, self._is_cancelled) as reading_back:
            yield from self._write(rest, reading_back, checked)
            yield from self._check(reading_back, checked)

    def _trust(self, earlier: dict[str, list[int]]) -> Iterator[Progress]:
        """Take over the tensors of an earlier attempt whose bytes are still the same."""
        tasks = [
            task
            for task in self._tasks
            if task.name in earlier and len(earlier[task.name]) == task.n_pieces
        ]
        if not tasks:
            return
        changed: set[str] = set()
        meter = _Meter("resuming", tasks)
        n_readers = _READERS_PER_THREAD * self._n_threads
        for piece, found in Pool(self._read_back, n_readers, self._is_cancelled).run(
            _pieces(tasks)
        ):
            if found != earlier[piece.task.name][piece.index]:
                changed.add(piece.task.name)
            yield from meter.after(piece)
        self._trusted = {task.name for task in tasks if task.name not in changed}
        self._report.n_resumed = len(self._trusted)

    def _write(
        self, tasks: Sequence[TensorTask], reading_back: ReadingBack, checked: _Meter
    ) -> Iterator[Progress]:
        meter = _Meter("writing", tasks)
        waiting = {task.name: task.n_pieces for task in tasks}
        sums: dict[str, dict[int, int]] = defaultdict(dict)
        not_finite: dict[str, int] = defaultdict(int)
        too_large: dict[str, int] = defaultdict(int)
        written: list[Written] = []
        unsynchronized = 0
        for piece, made, found in Pool(
            self._make_and_write, self._n_threads, self._is_cancelled
        ).run(_pieces(tasks)):
            name = piece.task.name
            sums[name][piece.index] = found
            not_finite[name] += made.n_not_finite
            too_large[name] += made.n_too_large
            waiting[name] -= 1
            if not waiting[name]:
                self._finish(piece.task, sums.pop(name), not_finite[name], too_large[name])
            written.append((piece, found))
            unsynchronized += piece.n_bytes
            if unsynchronized > _SYNCHRONIZE_EVERY and not self._synchronizing.is_alive():
                self._synchronizing.raise_failure()
                self._synchronize(written, reading_back)
                written, unsynchronized = [], 0
            for right in reading_back.ready():
                checked.count(right)
            yield from meter.after(piece)
        self._wait_for_disk()
        self._synchronize(written, reading_back)

    def _wait_for_disk(self) -> None:
        if self._synchronizing.ident is not None:
            self._synchronizing.result(self._is_cancelled)

    def _finish(
        self, task: TensorTask, sums: dict[int, int], n_not_finite: int, n_too_large: int
    ) -> None:
        if n_too_large:
            raise BadWeights(
                "Weights are too large for the type",
                f"{task.name} has {n_too_large:,} that {task.planned.tensor.type.name} cannot "
                "hold.",
                "Choose BF16 or F32.",
            )
        if n_not_finite:
            self._note_not_finite(task, n_not_finite)
        self._output.note_finished(task.name, [sums[index] for index in sorted(sums)])

    def _note_not_finite(self, task: TensorTask, count: int) -> None:
        if not self._allow_not_finite:
            raise BadWeights(
                "Weights of the checkpoint are not numbers",
                f"{task.name} has {count:,} that are NaN or infinite.",
                "The checkpoint is broken: download it again. --allow-nan writes it all the same "
                "(F32, F16 and BF16).",
            )
        if not task.planned.tensor.type.name.startswith(("F", "BF")):
            raise BadWeights(
                "Weights of the checkpoint are not numbers",
                f"{task.name} has {count:,} that are NaN or infinite, which "
                f"{task.planned.tensor.type.name} cannot hold.",
                "Choose F32, F16 or BF16.",
            )
        self._report.not_finite[task.name] = count

    def _check(self, reading_back: ReadingBack, checked: _Meter) -> Iterator[Progress]:
        """Wait until the disk has everything and all was compared with what was written."""
        self._synchronizing.result(self._is_cancelled)
        if not self._output.has_headers():
            raise damaged("the header")
        for piece in reading_back.finish():
            yield from checked.after(piece)

    def _make_and_write(self, piece: Piece) -> tuple[Piece, Made, int]:
        made = make(piece)
        found = self._output.write(piece.task.planned.file, made.data, piece.offset)
        return piece, Made(made.data[:0], made.n_not_finite, made.n_too_large), found

    def _read_back(self, piece: Piece) -> Written:
        return piece, self._sum_on_disk(piece)

    def _sum_on_disk(self, piece: Piece) -> int:
        return self._output.read_sum(piece.task.planned.file, piece.offset, piece.n_bytes)

    def _synchronize(self, written: Sequence[Written], reading_back: ReadingBack) -> None:
        """Have the disk write, and read what it has, on a thread: it takes as long as it takes."""

        def work() -> None:
            self._output.synchronize()
            reading_back.add(written)

        self._synchronizing = Awaited(work)
        self._synchronizing.start()


class _Meter:
    """Counts finished pieces and tells of them, not more than ten times a second."""

    def __init__(self, stage: str, tasks: Sequence[TensorTask]) -> None:
        self._stage = stage
        self._waiting = {task.name: task.n_pieces for task in tasks}
        self._total_bytes = sum(task.planned.tensor.n_bytes for task in tasks)
        self._done_bytes = self._done_tensors = 0
        self._next = 0.0

    def after(self, piece: Piece) -> Iterator[Progress]:
        """What is to be told when a piece is finished."""
        self.count(piece)
        is_last = self._done_tensors == len(self._waiting)
        if is_last or monotonic() >= self._next:
            self._next = monotonic() + REPORT_INTERVAL_S
            yield Progress(
                self._stage,
                self._done_bytes,
                self._total_bytes,
                self._done_tensors,
                len(self._waiting),
                piece.task.name,
            )

    def count(self, piece: Piece) -> None:
        """Note that a piece is finished."""
        name = piece.task.name
        self._waiting[name] -= 1
        self._done_bytes += piece.n_bytes
        self._done_tensors += not self._waiting[name]


def _pieces(tasks: Iterable[TensorTask]) -> Iterator[Piece]:
    return (piece for task in tasks for piece in task.pieces())
