"""Compares what is on the disk with what was written, while other pieces are still made."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from typing import Self

from converters.errors import OutputDamaged
from converters.progress import IsCancelled
from converters.writing.pieces import Piece
from converters.writing.pool import Pool

Written = tuple[Piece, int]
"""A piece and the sum of its bytes."""


class ReadingBack:
    """Reads pieces on threads of its own. A context manager: afterwards no thread is left.

    Args:
        read_sum: The sum of a piece's bytes as they are on the disk.
        n_threads: How many threads; they mostly wait for the disk.
        is_cancelled: Asked about every tenth of a second.
    """

    def __init__(
        self, read_sum: Callable[[Piece], int], n_threads: int, is_cancelled: IsCancelled
    ) -> None:
        self._read_sum = read_sum
        self._waiting: queue.SimpleQueue[Written | None] = queue.SimpleQueue()
        self._pool = Pool(self._compared, n_threads, is_cancelled)

    def __enter__(self) -> Self:
        self._pool.start(iter(self._waiting.get, None))
        return self

    def __exit__(self, *_error: object) -> None:
        self._waiting.put(None)
        self._pool.stop()

    def add(self, written: Iterable[Written]) -> None:
        """Have pieces read that the disk has; may be called from any thread."""
        for one in written:
            self._waiting.put(one)

    def ready(self) -> Iterator[Piece]:
        """Pieces that have turned out to be right since they were last asked for; never waits.

        Raises:
            OutputDamaged, OutputFailed: As in `finish`.
        """
        return self._pool.ready()

    def finish(self) -> Iterator[Piece]:
        """The rest of the pieces, as they turn out to be right; none may be added any more.

        Raises:
            OutputDamaged: One is not.
            OutputFailed: One cannot be read.
            Stopped: It was cancelled.
        """
        self._waiting.put(None)
        yield from self._pool.results()

    def _compared(self, written: Written) -> Piece:
        piece, expected = written
        if self._read_sum(piece) != expected:
            raise damaged(piece.task.name)
        return piece


def damaged(what: str) -> OutputDamaged:
    """The error for bytes that were written and came back as others."""
    return OutputDamaged(
        "The model was not written as it should be",
        f"What was read back of {what} differs from what was written.",
        "The disk or the memory of this computer may be failing. Check them and try again.",
    )
