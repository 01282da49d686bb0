"""Importance matrices in memory and as files.

A file is a GGUF with two tensors for each matrix of the model: `NAME.in_sum2`, the sums of squares
of each column's input, and `NAME.counts`, how many tokens those are of, for each expert apart.

Source: tools/imatrix/imatrix.cpp and load_imatrix in tools/quantize/quantize.cpp of llama.cpp, as
of llama-cpp-python 0.3.36.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from converters.errors import BadImportanceMatrix
from converters.replacing import replacing
from inference.errors import EngineError
from inference.gguf_header import GgufHeader, TensorInfo, read_header

SUMS, COUNTS = ".in_sum2", ".counts"
_TYPE = "imatrix"
_DATASETS = "imatrix.datasets"
_CHUNK_COUNT = "imatrix.chunk_count"
_CHUNK_SIZE = "imatrix.chunk_size"


@dataclass(frozen=True, slots=True)
class Entry:
    """Of one matrix: `sums`, (n_matrices, n_columns); `counts`, (n_matrices,)."""

    sums: NDArray[np.float32]
    counts: NDArray[np.float32]

    @property
    def unreached(self) -> tuple[int, ...]:
        """Experts that the text never came to."""
        return tuple(int(index) for index in np.flatnonzero(self.counts == 0))


@dataclass(frozen=True, slots=True)
class ImportanceMatrix:
    """All matrices of a model, by name.

    Args:
        entries: The figures.
        datasets: Names of the texts.
        n_chunks: Pieces of text that were read.
        chunk_tokens: Tokens of each.
        extra: Further keys, all text.
    """

    entries: Mapping[str, Entry]
    datasets: tuple[str, ...]
    n_chunks: int
    chunk_tokens: int
    extra: Mapping[str, str] = field(default_factory=dict)

    def importance(self, name: str) -> NDArray[np.float32] | None:
        """Mean square of each column's input, (n_matrices, n_columns); None for another matrix.

        An expert that the text never came to gets 1 for each column, as llama.cpp does it.
        """
        entry = self.entries.get(name)
        if entry is None:
            return None
        counts = entry.counts[:, None]
        importance = np.ones_like(entry.sums)
        np.divide(entry.sums, counts, out=importance, where=counts > 0)
        return importance


def read_importance(path: Path) -> ImportanceMatrix:
    """Read a file.

    Raises:
        BadImportanceMatrix: It is none, or damaged.
    """
    try:
        header = read_header(path)
    except EngineError as error:
        raise _bad(path, f"{error.title}. {error.detail}".strip()) from error
    if header.text("general.type") != _TYPE:
        raise _bad(path, "It is a GGUF file, but not one of an importance matrix.")
    tensors = {tensor.name: tensor for tensor in header.tensors}
    entries = {
        name.removesuffix(SUMS): _entry(header, tensor, tensors.get(_counts_of(name)))
        for name, tensor in tensors.items()
        if name.endswith(SUMS)
    }
    if not entries:
        raise _bad(path, "It has no entries.")
    datasets = header.metadata.get(_DATASETS)
    return ImportanceMatrix(
        entries,
        tuple(str(name) for name in datasets) if isinstance(datasets, list) else (),
        header.number(_CHUNK_COUNT),
        header.number(_CHUNK_SIZE),
        {key: value for key, value in header.metadata.items() if isinstance(value, str)},
    )


def _counts_of(sums_name: str) -> str:
    return sums_name.removesuffix(SUMS) + COUNTS


def _entry(header: GgufHeader, sums: TensorInfo, counts: TensorInfo | None) -> Entry:
    if counts is None or sums.type_id != 0 or counts.type_id != 0:
        raise _bad(header.path, f"{sums.name} has no counts of type F32 beside it.")
    found = _floats(header, counts)
    values = _floats(header, sums)
    if not len(found) or len(values) % len(found):
        raise _bad(header.path, f"{sums.name} has {len(values):,} sums for {len(found):,} counts.")
    if not (np.isfinite(values).all() and np.isfinite(found).all() and (found >= 0).all()):
        raise _bad(header.path, f"{sums.name} has figures that are no finite numbers.")
    return Entry(values.reshape(len(found), -1), found)


def _floats(header: GgufHeader, tensor: TensorInfo) -> NDArray[np.float32]:
    offset = header.data_start + tensor.offset
    return np.fromfile(header.path, np.float32, tensor.n_elements, offset=offset)


def _bad(path: Path, reason: str) -> BadImportanceMatrix:
    return BadImportanceMatrix(
        "The importance matrix cannot be read",
        f"{path.name}: {reason}",
        "Make one with `conclave calibrate`, or with llama-imatrix in its GGUF format.",
    )


def write_importance(matrix: ImportanceMatrix, target: Path) -> None:
    """Write a file, under its name only when it is whole.

    Raises:
        OutputFailed: It cannot be written.
    """
    with replacing(target) as temporary:
        _write(matrix, temporary)


def _write(matrix: ImportanceMatrix, path: Path) -> None:
    writer = gguf.GGUFWriter(path, "")
    writer.add_type(_TYPE)
    writer.add_array(_DATASETS, list(matrix.datasets))
    writer.add_uint32(_CHUNK_COUNT, matrix.n_chunks)
    writer.add_uint32(_CHUNK_SIZE, matrix.chunk_tokens)
    for key, value in matrix.extra.items():
        writer.add_string(key, value)
    for name in sorted(matrix.entries):
        entry = matrix.entries[name]
        sums, counts = entry.sums.astype(np.float32), entry.counts.astype(np.float32)[:, None]
        if len(counts) == 1:  # ggml leaves out axes of one
            sums, counts = sums[0], counts[0]
        writer.add_tensor(name + SUMS, sums)
        writer.add_tensor(name + COUNTS, counts)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def combined(matrices: Iterable[ImportanceMatrix]) -> ImportanceMatrix:
    """One matrix of several runs on the same model.

    Raises:
        BadImportanceMatrix: They are of models with other matrices.
    """
    first, *others = matrices
    entries = dict(first.entries)
    for other in others:
        for name, entry in other.entries.items():
            before = entries.get(name)
            entries[name] = entry if before is None else _added(name, before, entry)
    everything = (first, *others)
    return ImportanceMatrix(
        entries,
        tuple(dict.fromkeys(name for matrix in everything for name in matrix.datasets)),
        sum(matrix.n_chunks for matrix in everything),
        first.chunk_tokens,
    )


def _added(name: str, one: Entry, other: Entry) -> Entry:
    if one.sums.shape != other.sums.shape:
        raise BadImportanceMatrix(
            "The importance matrices are of different models",
            f"{name} has {one.sums.shape[1]:,} columns for {one.sums.shape[0]:,} matrices in one "
            f"and {other.sums.shape[1]:,} for {other.sums.shape[0]:,} in another.",
            "Combine only those of the same model.",
        )
    return Entry(one.sums + other.sums, one.counts + other.counts)
