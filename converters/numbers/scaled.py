"""Small numbers with a scale: one for the tensor, one for each row, or one for each block.

Scales are read with their numbers and not kept: those of DeepSeek-V3 alone take 168 MB.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from converters.checkpoint import StoredTensor
from converters.errors import UnsupportedNumbers
from converters.numbers.plain import Plain
from converters.tensors import Rows, SourceDtype, TensorSource


class Scaled(TensorSource):
    """Numbers of 8 bits, each multiplied with its scale in float32.

    Args:
        stored: The numbers.
        scale: One value, one for each row, or one for each block; its last axes are those of the
            numbers.
        block: Rows and columns of a block, where there are blocks.

    Raises:
        UnsupportedNumbers: The scales do not fit.
    """

    dtype = SourceDtype.DEQUANTIZED

    def __init__(
        self, stored: StoredTensor, scale: StoredTensor, block: Sequence[int] | None = None
    ) -> None:
        self._numbers = Plain(stored)
        self.shape = stored.shape
        self._block = tuple(block) if block and math.prod(scale.shape) > 1 else None
        if self._block:
            expected = _blocks(stored.shape, self._block)
            fits = scale.shape == expected
        else:
            expected = stored.shape[:-1]
            fits = math.prod(scale.shape) in (1, math.prod(expected))
        if len(stored.shape) < 2 or not fits:
            raise UnsupportedNumbers(
                "The scales of a tensor do not fit it",
                f"{stored.name} has the shape {list(stored.shape)}, its scales "
                f"{list(scale.shape)}; expected were {list(expected)} or one.",
                "Choose another version of the model, for instance one in BF16.",
            )
        per_row = scale.shape[-1] if self._block else 1
        self._scales = Plain(scale).in_rows_of(per_row)

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        rows = self._numbers.read_rows(first, count)
        if self._block is None:
            one = self._scales.n_rows == 1
            rows *= self._scales.read_rows(0, 1) if one else self._scales.read_rows(first, count)
            return rows
        numbers = self._scale_rows(first, count)
        start, end = int(numbers[0]), int(numbers[-1]) + 1
        scales = self._scales.read_rows(start, end - start)[numbers - start]
        width = self._block[-1]
        n_whole = rows.shape[1] // width
        whole = rows[:, : n_whole * width].reshape(count, n_whole, width)  # a view
        whole *= scales[:, :n_whole, None]
        rows[:, n_whole * width :] *= scales[:, n_whole:]  # one block or none
        return rows

    def _scale_rows(self, first: int, count: int) -> NDArray[np.int64]:
        """For each row, the row of its scales; blocks do not cross the matrices of a stack."""
        assert self._block is not None
        height = self.shape[-2]
        matrix, row = np.divmod(np.arange(first, first + count), height)
        numbers: NDArray[np.int64] = matrix * -(-height // self._block[-2]) + row // self._block[-2]
        return numbers


def _blocks(shape: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, ...]:
    """How many blocks lie along each axis."""
    *leading, height, width = shape
    return (*leading, -(-height // block[-2]), -(-width // block[-1]))
