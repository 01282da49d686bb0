"""MXFP4: 32 numbers of 4 bits and a power of two. Moved into ggml's order, never rounded.

Source: https://www.opencompute.org/documents/ocp-microscaling-formats-mx-v1-0-spec-final-pdf
"""

from __future__ import annotations

import gguf
import numpy as np
from gguf import GGMLQuantizationType

from converters.checkpoint import StoredTensor
from converters.errors import UnsupportedNumbers
from converters.tensors import PackedRows, Rows, SourceDtype, TensorSource

BLOCK = 32


class Mxfp4(TensorSource):
    """A tensor in blocks of 32.

    Args:
        blocks: (..., blocks of a row, 16) U8, or (..., bytes of a row); number 2 i in the low half
            of byte i.
        scales: (..., blocks of a row) U8: the exponent and 127.

    Raises:
        UnsupportedNumbers: The shapes do not fit each other.
    """

    dtype = SourceDtype.DEQUANTIZED
    packed_type = GGMLQuantizationType.MXFP4
    must_stay_packed = True

    def __init__(self, blocks: StoredTensor, scales: StoredTensor) -> None:
        self._blocks, self._scales = blocks, scales
        self._per_row = scales.shape[-1]
        self.shape = (*scales.shape[:-1], self._per_row * BLOCK)
        if (
            blocks.n_bytes != scales.n_bytes * 16
            or blocks.shape[: len(self.shape) - 1] != (self.shape[:-1])
        ):
            raise UnsupportedNumbers(
                "The blocks of a tensor do not fit its scales",
                f"{blocks.name} has the shape {list(blocks.shape)}, its scales "
                f"{list(scales.shape)}.",
                "Download the checkpoint again.",
            )

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        rows: Rows = gguf.dequantize(self.read_packed(first, count), self.packed_type)
        return rows

    def read_packed(self, first: int, count: int) -> PackedRows:
        """Rows in ggml's order: the scale, then byte j with the numbers j and j + 16."""
        n = self._per_row
        stored = self._blocks.read_bytes(first * n * 16, count * n * 16).reshape(-1, 16)
        numbers = np.empty((len(stored), BLOCK), dtype=np.uint8)
        numbers[:, 0::2] = stored & 15
        numbers[:, 1::2] = stored >> 4
        packed = np.empty((len(stored), 17), dtype=np.uint8)
        packed[:, 0] = self._scales.read_bytes(first * n, count * n)
        packed[:, 1:] = numbers[:, :16] | (numbers[:, 16:] << 4)
        return packed.reshape(count, n * 17)
