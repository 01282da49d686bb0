"""Integers of 4 bits, packed into 32, with a scale for each group: compressed-tensors.

Source: https://github.com/neuralmagic/compressed-tensors/blob/0.12.2/src/compressed_tensors/compressors/quantized_compressors/pack_quantized.py
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from converters.checkpoint import StoredTensor
from converters.errors import UnsupportedNumbers
from converters.numbers.plain import Plain
from converters.tensors import Rows, SourceDtype, TensorSource


class PackedInt4(TensorSource):
    """A matrix of 4-bit numbers.

    Args:
        packed: (rows, columns / 8) I32; the first of eight numbers stands in the lowest bits.
        scale: (rows, columns / group size).
        shape: The matrix's shape, as stored beside it.
        group_size: Columns that share a scale.
        zero_point: (rows / 8, groups) I32, packed along the rows; without it 8 stands for zero.

    Raises:
        UnsupportedNumbers: The shapes do not fit each other.
    """

    dtype = SourceDtype.DEQUANTIZED

    def __init__(
        self,
        packed: StoredTensor,
        scale: StoredTensor,
        shape: StoredTensor,
        group_size: int,
        zero_point: StoredTensor | None = None,
    ) -> None:
        self._packed, self._group_size = packed, group_size
        sizes = Plain(shape).read_rows(0, 1).reshape(-1)
        self.shape = tuple(int(size) for size in sizes)
        fits = len(self.shape) == 2 and packed.shape == (self.n_rows, -(-self.n_columns // 8))
        groups = self.n_columns // group_size
        if not fits or self.n_columns % group_size or scale.shape != (self.n_rows, groups):
            raise UnsupportedNumbers(
                "The packed numbers of a tensor do not fit its shape",
                f"{packed.name} has the shape {list(packed.shape)}, its scales "
                f"{list(scale.shape)}, for a matrix of {list(self.shape)} in groups of "
                f"{group_size}.",
                "Choose another version of the model, for instance one in BF16.",
            )
        self._scales = Plain(scale)
        self._zeros = _zero_points(zero_point, self.n_rows) if zero_point else None

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        width = self._packed.shape[1]
        words = self._packed.read_bytes(first * width * 4, count * width * 4).reshape(count, -1)
        numbers = np.empty((count, width * 8), dtype=np.int8)
        numbers[:, 0::2] = words & 15
        numbers[:, 1::2] = words >> 4
        grouped = numbers[:, : self.n_columns].reshape(count, -1, self._group_size)
        zeros = np.int8(8) if self._zeros is None else self._zeros[first : first + count, :, None]
        scales = self._scales.read_rows(first, count)[:, :, None]
        return ((grouped - zeros).astype(np.float32) * scales).reshape(count, -1)


def _zero_points(stored: StoredTensor, n_rows: int) -> NDArray[np.int8]:
    """(rows, groups) int8 from 32-bit words that hold eight rows each."""
    words = stored.read_bytes(0, stored.n_bytes).view("<u4").reshape(stored.shape)
    shifts = np.arange(0, 32, 4, dtype=np.uint32)[None, :, None]
    values = (words[:, None, :] >> shifts) & 15
    return values.reshape(-1, words.shape[1])[:n_rows].astype(np.int8)
