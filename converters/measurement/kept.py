"""The reference's predictions on disk, for two models that do not fit into memory together.

Each log-probability takes 16 bits: the range of a position, at most 16 below its largest one, in
65,535 steps. Source of the form: tools/perplexity/perplexity.cpp of llama.cpp, as of
llama-cpp-python 0.3.36. The error is at most 16 / 65,535 / 2 = 0.00012 for each.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from converters.errors import DiskTooSmall

RANGE = 16.0
STEPS = 65_535
_HEADER = 8
_SPARE_BYTES = 1 << 30
"""Left free on the disk."""


class KeptPredictions:
    """A temporary file of log-probabilities, written chunk by chunk and read in the same order.

    Args:
        n_chunks: How many there will be.
        n_positions: Positions of each.
        n_vocab: Tokens of the vocabulary.
        folder: Where to write; the system's place for temporary files by default.

    Raises:
        DiskTooSmall: They do not fit there.
    """

    def __init__(
        self, n_chunks: int, n_positions: int, n_vocab: int, folder: Path | None = None
    ) -> None:
        self._n_positions = n_positions
        self._row_bytes = _HEADER + 2 * n_vocab
        needed = n_chunks * n_positions * self._row_bytes
        place = folder or Path(tempfile.gettempdir())
        free = shutil.disk_usage(place).free
        if needed + _SPARE_BYTES > free:
            raise DiskTooSmall(
                "The reference's predictions do not fit on the disk",
                f"{needed / 1e9:.1f} GB are needed in {place}, {free / 1e9:.1f} GB are free.",
                "Measure fewer chunks (--chunks), or free memory so that both models fit there.",
            )
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=place)  # noqa: SIM115  (closed below)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def append(self, log_p: NDArray[np.float32]) -> None:
        """Write one chunk, shape (n_positions, n_vocab)."""
        highest = log_p.max(axis=-1, keepdims=True)
        lowest = np.maximum(log_p.min(axis=-1, keepdims=True), highest - np.float32(RANGE))
        scale = (highest - lowest) / np.float32(STEPS)
        steps = np.zeros(log_p.shape, np.float32)
        np.divide(log_p - lowest, scale, out=steps, where=scale > 0)
        rows = np.empty((len(log_p), self._row_bytes), np.uint8)
        rows[:, :_HEADER] = np.hstack([scale, lowest]).astype(np.float32).view(np.uint8)
        rows[:, _HEADER:] = np.rint(steps).clip(0, STEPS).astype(np.uint16).view(np.uint8)
        self._file.write(rows.tobytes())

    def rewind(self) -> None:
        """Read from the first chunk on."""
        self._file.seek(0)

    def next(self) -> NDArray[np.float32]:
        """The next chunk, in the shape it was written in."""
        data = self._file.read(self._n_positions * self._row_bytes)
        rows = np.frombuffer(data, np.uint8).reshape(self._n_positions, self._row_bytes)
        head = np.ascontiguousarray(rows[:, :_HEADER]).view(np.float32)
        steps = np.ascontiguousarray(rows[:, _HEADER:]).view(np.uint16)
        return np.asarray(steps * head[:, :1] + head[:, 1:], np.float32)
