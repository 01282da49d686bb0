"""Files of importance matrices, in llama.cpp's GGUF form or its old one (`imatrix.dat`).

The GGUF form has two tensors for each tensor of the model: `NAME.in_sum2`, the sums of squares of
each column's input, and `NAME.counts`, how many tokens those are of, for each expert apart. The old
one has means multiplied by one number of pieces.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
common/imatrix-loader.cpp, tools/imatrix/imatrix.cpp and tools/quantize/quantize.cpp)
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from converters.errors import BadImportanceMatrix
from converters.importance.matrix import Entry, ImportanceMatrix
from inference.errors import ModelError
from inference.gguf_header import GgufHeader, TensorInfo, read_header

SUMS, COUNTS = ".in_sum2", ".counts"
TYPE = "imatrix"
DATASETS = "imatrix.datasets"
CHUNK_COUNT = "imatrix.chunk_count"
CHUNK_SIZE = "imatrix.chunk_size"
_GGUF = b"GGUF"
_LONGEST_NAME = 4096


def read_importance(path: Path) -> ImportanceMatrix:
    """Read a file of either form.

    Raises:
        BadImportanceMatrix: It is none, is damaged, or has figures that are not finite.
    """
    try:
        with path.open("rb") as file:
            is_gguf = file.read(len(_GGUF)) == _GGUF
        found = _read_gguf(path) if is_gguf else _OldFile(path, path.read_bytes()).read()
    except OSError as error:
        raise _bad(path, f"{error.strerror or error}.") from error
    if not found.entries:
        raise _bad(path, "It has no entries.")
    _check_figures(path, found.entries)
    return found


def _read_gguf(path: Path) -> ImportanceMatrix:
    try:
        header = read_header(path)
    except ModelError as error:
        raise _bad(path, f"{error.title}. {error.detail}".strip()) from error
    if header.text("general.type") != TYPE:
        raise _bad(path, "It is a GGUF file, but not one of an importance matrix.")
    tensors = {tensor.name: tensor for tensor in header.tensors}
    entries = {
        name.removesuffix(SUMS): _entry(header, tensor, tensors.get(_counts_of(name)))
        for name, tensor in tensors.items()
        if name.endswith(SUMS)
    }
    datasets = header.metadata.get(DATASETS)
    return ImportanceMatrix(
        entries,
        tuple(str(name) for name in datasets) if isinstance(datasets, list) else (),
        header.number(CHUNK_COUNT),
        header.number(CHUNK_SIZE),
        {key: value for key, value in header.metadata.items() if isinstance(value, str)},
    )


def _counts_of(sums_name: str) -> str:
    return sums_name.removesuffix(SUMS) + COUNTS


def _entry(header: GgufHeader, sums: TensorInfo, counts: TensorInfo | None) -> Entry:
    if counts is None or sums.type_id != 0 or counts.type_id != 0:
        raise _bad(header.path, f"{sums.name} has no counts of type F32 beside it.")
    found = np.rint(_floats(header, counts))
    values = _floats(header, sums)
    if not len(found) or len(values) % len(found):
        raise _bad(header.path, f"{sums.name} has {len(values):,} sums for {len(found):,} counts.")
    return Entry(values.reshape(len(found), -1), found)


def _floats(header: GgufHeader, tensor: TensorInfo) -> NDArray[np.float32]:
    offset = header.data_start + tensor.offset
    return np.fromfile(header.path, np.float32, tensor.n_elements, offset=offset)


class _OldFile:
    """Reads `imatrix.dat` from front to back; no number in it is believed."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path, self._data, self._place = path, data, 0

    def read(self) -> ImportanceMatrix:
        n_entries = self._number("the number of entries")
        if n_entries < 1:
            raise _bad(self._path, "It is no file of this kind.")
        entries: dict[str, Entry] = {}
        for number in range(n_entries):
            where = f"entry {number + 1:,} of {n_entries:,}"
            name = self._text(where)
            if name in entries:
                raise _bad(self._path, f"It has {name} twice.")
            entries[name] = self._entry(where)
        n_chunks, datasets = self._end()
        return ImportanceMatrix(entries, datasets, n_chunks, 0)

    def _entry(self, where: str) -> Entry:
        n_calls, n_values = self._number(where), self._number(where)
        if n_values < 1:
            raise _bad(self._path, f"There are {n_values:,} values in {where}.")
        values = np.frombuffer(self._bytes(4 * n_values, where), "<f4").reshape(1, -1)
        return Entry(values, np.array([max(1, n_calls)], np.float32))

    def _end(self) -> tuple[int, tuple[str, ...]]:
        """Pieces and the text's name, which older files lack."""
        if self._place == len(self._data):
            return 0, ()
        n_chunks = self._number("the number of pieces")
        if self._place == len(self._data):
            return n_chunks, ()
        name = self._text("the name of the text")
        return n_chunks, (name,) if name else ()

    def _text(self, where: str) -> str:
        length = self._number(where)
        if not 0 <= length <= _LONGEST_NAME:
            raise _bad(self._path, f"A name of {length:,} bytes stands in {where}.")
        return self._bytes(length, where).decode("utf-8", "replace")

    def _number(self, where: str) -> int:
        return int(struct.unpack("<i", self._bytes(4, where))[0])

    def _bytes(self, count: int, where: str) -> bytes:
        found = self._data[self._place : self._place + count]
        if len(found) < count:
            raise _bad(self._path, f"It ends in {where}.")
        self._place += count
        return found


def _check_figures(path: Path, entries: Mapping[str, Entry]) -> None:
    for name, entry in entries.items():
        counts = entry.counts
        if not (np.isfinite(entry.sums).all() and np.isfinite(counts).all() and counts.min() >= 0):
            raise _bad(path, f"{name} has figures that are no finite numbers.")


def _bad(path: Path, reason: str) -> BadImportanceMatrix:
    return BadImportanceMatrix(
        "The importance matrix cannot be read",
        f"{path.name}: {reason}",
        "Make one with `conclave calibrate`, or with llama-imatrix.",
    )
