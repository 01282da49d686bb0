"""Tensors that are read in pieces of rows, and what is done to them on the way.

A row runs along the last axis; the rows of all leading axes are counted through. Axes are in
numpy's order, not ggml's. Nothing here holds more than the piece that was asked for, however large
the tensor: merged experts and split projections are views. All may be read from several threads.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import accumulate

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

Rows = NDArray[np.float32]
PackedRows = NDArray[np.uint8]

_BLOCK_VALUES = 1 << 20
"""Values of a matrix that is read at a time to be transposed."""


class SourceDtype(Enum):
    """What the values were stored with.

    Attributes:
        F32: Exact as float32; float64 counts here too.
        F16: Exact as float16.
        BF16: Exact as bfloat16.
        DEQUANTIZED: Products of small numbers and scales, which are not exact in 16 bits.
        WHOLE: Integers and truth values, which are no weights.
    """

    F32 = "F32"
    F16 = "F16"
    BF16 = "BF16"
    DEQUANTIZED = "dequantized"
    WHOLE = "whole"


class TensorSource(ABC):
    """A tensor that is read in pieces of rows.

    Attributes:
        shape: In numpy's order.
        dtype: What the values were stored with.
        packed_type: The ggml type whose bytes `read_packed` gives, or None where only `read_rows`
            can be used.
        must_stay_packed: Whether the values are written in `packed_type` whatever was asked for.
    """

    shape: tuple[int, ...]
    dtype: SourceDtype
    packed_type: GGMLQuantizationType | None = None
    must_stay_packed: bool = False

    @property
    def n_columns(self) -> int:
        """Length of a row."""
        return self.shape[-1] if self.shape else 1

    @property
    def n_rows(self) -> int:
        """Rows of all leading axes together."""
        return math.prod(self.shape[:-1])

    @abstractmethod
    def read_rows(self, first: int, count: int) -> Rows:
        """Rows `first` to `first + count`: (count, n_columns) float32, an array of the caller's."""

    def read_packed(self, first: int, count: int) -> PackedRows:  # noqa: ARG002
        """The same rows as bytes of `packed_type`: (count, bytes of a row) uint8."""
        raise TypeError(f"{type(self).__name__} has no packed form")


class Constant(TensorSource):
    """A small tensor that was computed.

    Args:
        values: Any shape; taken as float32.
    """

    dtype = SourceDtype.F32

    def __init__(self, values: NDArray[np.floating]) -> None:
        self.shape = values.shape
        self._rows = np.ascontiguousarray(values, dtype=np.float32).reshape(-1, self.n_columns)

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        return self._rows[first : first + count].copy()


class _View(TensorSource):
    """Rows of another source: moved, not changed."""

    def __init__(self, source: TensorSource, shape: tuple[int, ...]) -> None:
        self._source = source
        self.shape = shape
        self.dtype = source.dtype
        self.packed_type = source.packed_type
        self.must_stay_packed = source.must_stay_packed


class Reshaped(_View):
    """Other leading axes over the same rows.

    Raises:
        ValueError: The last axis or the number of rows would change.
    """

    def __init__(self, source: TensorSource, shape: tuple[int, ...]) -> None:
        if shape[-1:] != source.shape[-1:] or math.prod(shape) != math.prod(source.shape):
            raise ValueError(f"{source.shape} cannot be seen as {shape}")
        super().__init__(source, shape)

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        return self._source.read_rows(first, count)

    def read_packed(self, first: int, count: int) -> PackedRows:
        """Rows, as in every source."""
        return self._source.read_packed(first, count)


class RowsChosen(_View):
    """Rows of a source in any order: permutations, strides, slices.

    Args:
        source: Where they come from.
        order: For each row of the result, its number in the source.
        shape: Of the result; by default (number of rows, columns).
    """

    def __init__(
        self, source: TensorSource, order: NDArray[np.int64], shape: tuple[int, ...] = ()
    ) -> None:
        super().__init__(source, shape or (len(order), source.n_columns))
        if self.n_rows != len(order):
            raise ValueError(f"{len(order)} rows cannot have the shape {shape}")
        self._order = order

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        low, high, order = self._span(first, count)
        if high - low > 4 * count:  # far apart: one by one
            return np.concatenate([self._source.read_rows(int(row), 1) for row in order])
        return self._source.read_rows(low, high - low)[order - low]

    def read_packed(self, first: int, count: int) -> PackedRows:
        """Rows, as in every source."""
        low, high, order = self._span(first, count)
        if high - low > 4 * count:
            return np.concatenate([self._source.read_packed(int(row), 1) for row in order])
        return self._source.read_packed(low, high - low)[order - low]

    def _span(self, first: int, count: int) -> tuple[int, int, NDArray[np.int64]]:
        order = self._order[first : first + count]
        return int(order.min()), int(order.max()) + 1, order


class Stacked(TensorSource):
    """Sources of one shape along a new first axis: the experts of a layer.

    Raises:
        ValueError: The shapes differ.
    """

    def __init__(self, sources: Sequence[TensorSource]) -> None:
        shapes = {source.shape for source in sources}
        if len(shapes) != 1:
            raise ValueError(f"tensors of the shapes {sorted(shapes)} cannot be stacked")
        self._joined = Joined(
            [Reshaped(source, (source.n_rows, source.n_columns)) for source in sources]
        )
        self.shape = (len(sources), *sources[0].shape)
        self.dtype = self._joined.dtype
        self.packed_type = self._joined.packed_type
        self.must_stay_packed = self._joined.must_stay_packed

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        return self._joined.read_rows(first, count)

    def read_packed(self, first: int, count: int) -> PackedRows:
        """Rows, as in every source."""
        return self._joined.read_packed(first, count)


class Joined(TensorSource):
    """Sources one after the other along the first axis.

    Raises:
        ValueError: They differ in another axis.
    """

    def __init__(self, sources: Sequence[TensorSource]) -> None:
        tails = {source.shape[1:] for source in sources}
        if len(tails) != 1:
            raise ValueError(f"tensors of the shapes {[s.shape for s in sources]} cannot be joined")
        self._sources = tuple(sources)
        self._starts = [0, *accumulate(source.n_rows for source in sources)]
        self.shape = (sum(source.shape[0] for source in sources), *sources[0].shape[1:])
        dtypes = {source.dtype for source in sources}
        self.dtype = dtypes.pop() if len(dtypes) == 1 else SourceDtype.F32
        packed = {source.packed_type for source in sources}
        self.packed_type = packed.pop() if len(packed) == 1 else None
        self.must_stay_packed = all(source.must_stay_packed for source in sources)

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        parts = [source.read_rows(start, n) for source, start, n in self._parts(first, count)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def read_packed(self, first: int, count: int) -> PackedRows:
        """Rows, as in every source."""
        parts = [source.read_packed(start, n) for source, start, n in self._parts(first, count)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _parts(self, first: int, count: int) -> Iterator[tuple[TensorSource, int, int]]:
        index = bisect_right(self._starts, first) - 1
        while count > 0:
            start = first - self._starts[index]
            n_rows = min(count, self._starts[index + 1] - first)
            if n_rows > 0:
                yield self._sources[index], start, n_rows
            first, count, index = first + n_rows, count - n_rows, index + 1


class Transposed(TensorSource):
    """The last two axes exchanged, matrix by matrix.

    Args:
        source: (..., n_rows, n_columns).
    """

    def __init__(self, source: TensorSource) -> None:
        *leading, height, width = source.shape
        self._source, self._height, self._width = source, height, width
        self.shape = (*leading, width, height)
        self.dtype = source.dtype

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        rows = np.empty((count, self._height), dtype=np.float32)
        done = 0
        while done < count:
            matrix, column = divmod(first + done, self._width)
            n_columns = min(count - done, self._width - column)
            self._read_columns(matrix, column, rows[done : done + n_columns])
            done += n_columns
        return rows

    def _read_columns(self, matrix: int, column: int, out: Rows) -> None:
        """Columns of one matrix into the rows of `out`, from blocks of bounded size."""
        step = max(1, _BLOCK_VALUES // self._width)
        for start in range(0, self._height, step):
            n_rows = min(step, self._height - start)
            block = self._source.read_rows(matrix * self._height + start, n_rows)
            out[:, start : start + n_rows] = block[:, column : column + len(out)].T


class Shifted(TensorSource):
    """A number added to every value; in float16 where the source is stored so.

    Args:
        source: The tensor.
        by: The number.
    """

    def __init__(self, source: TensorSource, by: float) -> None:
        self._source, self._by = source, np.float32(by)
        self.shape = source.shape
        # A sum of a bfloat16 and one is not exact as a bfloat16.
        self.dtype = SourceDtype.F16 if source.dtype is SourceDtype.F16 else SourceDtype.F32

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        rows = self._source.read_rows(first, count) + self._by
        if self.dtype is SourceDtype.F16:
            return rows.astype(np.float16).astype(np.float32)
        return rows
