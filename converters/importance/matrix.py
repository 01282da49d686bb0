"""The figures of an importance matrix, and how those of several runs are added."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from converters.errors import BadImportanceMatrix


@dataclass(frozen=True, slots=True)
class Entry:
    """Of one tensor: `sums` of squares, (n_counts, n_values); `counts` of tokens, (n_counts,).

    Routed experts have a count each. Anything else has one, a stack of matrices too (MLA's).
    """

    sums: NDArray[np.float32]
    counts: NDArray[np.float32]

    @property
    def unreached(self) -> tuple[int, ...]:
        """Experts that the text never came to."""
        return tuple(int(index) for index in np.flatnonzero(self.counts == 0))

    @property
    def means(self) -> NDArray[np.float32]:
        """Mean square of each column's input, in the shape of `sums`.

        An expert that the text never came to gets 1 for each column, as llama.cpp does it.
        """
        counts = self.counts[:, None]
        means = np.ones_like(self.sums)
        np.divide(self.sums, counts, out=means, where=counts > 0)
        return means

    def with_counts(self, n_counts: int) -> Entry:
        """The same with so many counts, where it has only one for all experts."""
        if len(self.counts) != 1 or self.sums.size % n_counts:
            return self
        return Entry(self.sums.reshape(n_counts, -1), np.repeat(self.counts, n_counts))


@dataclass(frozen=True, slots=True)
class ImportanceMatrix:
    """All entries of a model, by the tensor's name.

    Args:
        entries: The figures.
        datasets: Names of the texts.
        n_chunks: Pieces of text that were read.
        chunk_tokens: Tokens of each; 0 in llama.cpp's old form, which counts pieces, not tokens.
        extra: Further keys, all text.
    """

    entries: Mapping[str, Entry]
    datasets: tuple[str, ...]
    n_chunks: int
    chunk_tokens: int
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def checksum(self) -> int:
        """Of all figures."""
        found = 0
        for name, entry in self.entries.items():
            for part in (name.encode(), entry.sums.data, entry.counts.data):
                found = zlib.crc32(part, found)
        return found

    def counted_in_tokens(self, chunk_tokens: int) -> ImportanceMatrix:
        """The same; what counts pieces (llama.cpp's old form) is taken to have pieces that long."""
        if self.chunk_tokens:
            return self
        size = np.float32(chunk_tokens)
        entries = {
            name: Entry(entry.sums * size, entry.counts * size)
            for name, entry in self.entries.items()
        }
        return replace(self, entries=entries, chunk_tokens=chunk_tokens)


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
    one, other = one.with_counts(len(other.counts)), other.with_counts(len(one.counts))
    if one.sums.shape != other.sums.shape:
        raise BadImportanceMatrix(
            "The importance matrices are of different models",
            f"{name} has {one.sums.shape[1]:,} columns for {one.sums.shape[0]:,} matrices in one "
            f"and {other.sums.shape[1]:,} for {other.sums.shape[0]:,} in another.",
            "Combine only those of the same model.",
        )
    return Entry(one.sums + other.sums, one.counts + other.counts)
