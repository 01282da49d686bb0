"""Pieces of a tensor: rows read, rounded, quantized; small enough for memory and for a cancel."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.numbers.plain import decode_bf16
from converters.quantization.rows import quantize_rows
from converters.tensors import TensorSource
from converters.writing.plan import PlannedTensor

PIECE_WEIGHTS = 1 << 19
"""Weights of a piece: about 2 MB as float32."""
SLOW_PIECE_WEIGHTS = 1 << 15
"""For types whose search takes some milliseconds for a thousand weights."""
_Type = GGMLQuantizationType
_SLOW = frozenset(
    {_Type.IQ1_S, _Type.IQ1_M, _Type.IQ2_XXS, _Type.IQ2_XS, _Type.IQ2_S, _Type.IQ3_XXS, _Type.IQ3_S}
)
FLOATS = frozenset({_Type.F32, _Type.F16, _Type.BF16})
_EXPONENTS = {_Type.F16: 0x7C00, _Type.BF16: 0x7F80}
_SIGN = 0x8000
_INFINITY = 0x7F800000


@dataclass(frozen=True, slots=True)
class TensorTask:
    """A tensor of the result and where it comes from.

    Attributes:
        planned: Its place.
        source: Its values.
        through_bf16: Whether values are rounded to bfloat16 before they are quantized.
        imatrix: Importance of columns, (n_matrices, n_columns), or None.
    """

    planned: PlannedTensor
    source: TensorSource
    through_bf16: bool = False
    imatrix: NDArray[np.float32] | None = None

    @property
    def name(self) -> str:
        """The tensor's name."""
        return self.planned.tensor.name

    @property
    def is_copied(self) -> bool:
        """Whether the source's bytes are the result's."""
        return self.source.packed_type is self.planned.tensor.type

    def pieces(self) -> Iterator[Piece]:
        """All pieces in order; none crosses the border between two matrices of a stack."""
        tensor = self.planned.tensor
        height = tensor.shape[-2] if len(tensor.shape) > 1 else 1
        budget = SLOW_PIECE_WEIGHTS if tensor.type in _SLOW else PIECE_WEIGHTS
        step = max(1, budget // max(1, tensor.shape[-1]))
        index = 0
        for matrix in range(math.prod(tensor.shape[:-2])):
            for row in range(0, height, step):
                yield Piece(self, index, matrix * height + row, min(step, height - row))
                index += 1

    @property
    def n_pieces(self) -> int:
        """How many there are."""
        return sum(1 for _ in self.pieces())


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows `first` to `first + count` of a tensor, all of one matrix."""

    task: TensorTask
    index: int
    first: int
    count: int

    @property
    def offset(self) -> int:
        """Where its bytes begin in the file."""
        return self.task.planned.offset + self.first * self.task.planned.tensor.row_bytes

    @property
    def n_bytes(self) -> int:
        """Its bytes in the file."""
        return self.count * self.task.planned.tensor.row_bytes


@dataclass(frozen=True, slots=True)
class Made:
    """The bytes of a piece.

    Attributes:
        data: (n_rows, bytes of a row).
        n_not_finite: NaN and infinite values among the weights.
        n_too_large: Finite weights that the type can only hold as infinite.
    """

    data: NDArray[np.uint8]
    n_not_finite: int = 0
    n_too_large: int = 0


def make(piece: Piece) -> Made:
    """Read and quantize a piece."""
    task, type_ = piece.task, piece.task.planned.tensor.type
    if task.is_copied:
        data = task.source.read_packed(piece.first, piece.count)
        return Made(data, _count_not_finite_packed(data, type_))
    rows = task.source.read_rows(piece.first, piece.count)
    n_not_finite = count_not_finite(rows)
    if n_not_finite and type_ not in FLOATS:
        return Made(np.zeros((piece.count, 0), np.uint8), n_not_finite)  # refused by the caller
    if task.through_bf16 and type_ != _Type.F32:
        rows = decode_bf16(quantize_rows(_Type.BF16, rows))
    data = quantize_rows(type_, rows, _importance(piece), waits=False)
    return Made(data, n_not_finite, _count_not_finite_packed(data, type_) - n_not_finite)


def _importance(piece: Piece) -> NDArray[np.float32] | None:
    if piece.task.imatrix is None:
        return None
    importance: NDArray[np.float32] = piece.task.imatrix[
        piece.first // piece.task.planned.tensor.shape[-2]
    ]
    return importance


def count_not_finite(rows: NDArray[np.float32]) -> int:
    """NaN and infinite values; two passes over the bits tell first whether it is worth to look."""
    if not rows.size or _are_below(rows.view("<u4"), _INFINITY, 1 << 31):
        return 0
    return int(rows.size - np.count_nonzero(np.isfinite(rows)))


def _count_not_finite_packed(data: NDArray[np.uint8], type_: GGMLQuantizationType) -> int:
    if type_ == _Type.F32:
        return count_not_finite(data.view("<f4"))
    exponent = _EXPONENTS.get(type_)
    if exponent is None or not data.size:
        return 0
    halves = data.view("<u2")
    if _are_below(halves, exponent, _SIGN):
        return 0
    return int(np.count_nonzero(halves & np.uint16(_SIGN - 1) >= exponent))


def _are_below(bits: NDArray[np.unsignedinteger], exponent: int, sign: int) -> bool:
    """Whether all floats of these bits are below the one with this exponent, of either sign."""
    # Read as signed numbers, the largest is the largest of the positive ones.
    signed = bits.view(f"<i{bits.itemsize}")
    return bool(bits.max() < exponent | sign and signed.max() < exponent)
