"""Numbers that stand in a file one by one: floats of 8 to 64 bits and integers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.checkpoint import StoredTensor
from converters.errors import UnsupportedNumbers
from converters.quantization.ggml_cpu import floats_of_halves
from converters.tensors import PackedRows, Rows, SourceDtype, TensorSource

_DTYPES = {"F16": SourceDtype.F16, "BF16": SourceDtype.BF16}
_WHOLE = ("I", "U", "BOOL")
_GGML = {
    "F32": GGMLQuantizationType.F32,
    "F16": GGMLQuantizationType.F16,
    "BF16": GGMLQuantizationType.BF16,
}
_NUMPY = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "u1",
}  # fmt: skip


class Plain(TensorSource):
    """A tensor of a checkpoint whose numbers mean themselves.

    Raises:
        UnsupportedNumbers: It is stored in a form without such numbers.
    """

    def __init__(self, stored: StoredTensor) -> None:
        self.stored = stored
        self.shape = stored.shape
        is_whole = stored.dtype.startswith(_WHOLE)
        self.dtype = SourceDtype.WHOLE if is_whole else _DTYPES.get(stored.dtype, SourceDtype.F32)
        self.packed_type = _GGML.get(stored.dtype)
        self._row_bytes = stored.n_bytes // self.n_rows if self.n_rows else 0
        if stored.dtype not in _NUMPY and stored.dtype not in _DECODERS:
            raise UnsupportedNumbers(
                "Weights of this form cannot be read",
                f"{stored.name} is of type {stored.dtype}.",
                "Choose another version of the model, for instance one in BF16.",
            )

    def in_rows_of(self, n_columns: int) -> Plain:
        """The same numbers in rows of another length, as a matrix."""
        tensor = self.stored
        shape = (math.prod(tensor.shape) // n_columns, n_columns)
        return Plain(replace(tensor, shape=shape))

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        return decode(self.read_packed(first, count), self.stored.dtype)

    def read_packed(self, first: int, count: int) -> PackedRows:
        """Rows as they stand in the file."""
        data = self.stored.read_bytes(first * self._row_bytes, count * self._row_bytes)
        return data.reshape(count, self._row_bytes)


def decode(data: NDArray[np.uint8], dtype: str) -> Rows:
    """Stored numbers as float32.

    Args:
        data: (..., bytes of a row).
        dtype: A type of the safetensors format.

    Returns:
        (..., values of a row) float32.
    """
    if dtype in _DECODERS:
        return _DECODERS[dtype](data)
    return data.view(_NUMPY[dtype]).astype(np.float32, copy=False)


def decode_bf16(data: NDArray[np.uint8]) -> Rows:
    """bfloat16 is the upper half of a float32."""
    wide = data.view("<u2").astype(np.uint32)
    wide <<= 16
    return wide.view(np.float32)


def _decode_e4m3(data: NDArray[np.uint8]) -> Rows:
    """Float8 e4m3fn: no infinities, NaN where all bits but the sign are set.

    Its exponent and mantissa become the lowest four bits of a float16's exponent and the highest
    three of its mantissa: 2^8 times too small, exactly, also where the exponent is zero.

    Source: https://arxiv.org/abs/2209.05433v2 table 1
    """
    bits = data.view(np.int8).astype(np.int16)
    bits <<= 7
    bits &= _E4M3_BITS  # of the copies of the sign one is left
    rows = floats_of_halves(bits.view(np.uint16))
    rows *= _E4M3_UNIT
    if bits.size and (bits.max() == _E4M3_NAN or bits.view(np.uint16).max() == _E4M3_NEGATIVE_NAN):
        rows[data == 0x7F], rows[data == 0xFF] = np.nan, -np.float32(np.nan)
    return rows


def _decode_e5m2(data: NDArray[np.uint8]) -> Rows:
    # e5m2 is the upper half of a float16.
    return (data.astype(np.uint16) << 8).view(np.float16).astype(np.float32)


def _decode_e8m0(data: NDArray[np.uint8]) -> Rows:
    """Powers of two; 255 is no number."""
    return np.where(
        data == 255, np.float32(np.nan), np.ldexp(np.float32(1), data.astype(int) - 127)
    )


_E4M3_NAN, _E4M3_NEGATIVE_NAN = np.uint16(0x3F80), np.uint16(0xBF80)
_E4M3_BITS = _E4M3_NEGATIVE_NAN.view(np.int16)
_E4M3_UNIT = np.float32(2.0**8)
_DECODERS = {
    "BF16": decode_bf16,
    "F8_E4M3": _decode_e4m3,
    "F8_E5M2": _decode_e5m2,
    "F8_E8M0": _decode_e8m0,
}
