"""How ggml rounds: to whole numbers and to 16-bit floats, bit by bit as its C code does."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from converters.quantization.kernels.lanes import absolute, splat

_MAGIC = np.float32(12582912.0)
"""1.5 * 2**23: a float32 near it has no fraction, so adding it rounds to even."""
_EXACT = np.float32(4000000.0)
_LARGEST_HALF = np.float32(65520.0)
_SMALLEST_NORMAL_HALF = np.float32(2.0**-14)
_HALF_STEP = np.float32(2.0**24)


@njit(inline="always")
def nearest(value: Any) -> Any:
    """The nearest whole numbers of lanes, as floats; right where `is_roundable`."""
    return (value + splat(_MAGIC)) - splat(_MAGIC)


@njit(inline="always")
def is_roundable(value: Any) -> Any:
    """Where `nearest` is what ggml gets: beyond, its trick gives numbers of no meaning."""
    return absolute(value) < splat(_EXACT)


@njit
def nearest_int(value: Any) -> Any:
    """The nearest whole number of a float32, with ggml's overflow.

    Source: nearest_int in ggml/src/ggml-quants.c, ggml 0.25.3.
    """
    bits = np.float32(value + _MAGIC).view(np.int32)
    return (bits & 0x007FFFFF) - 0x00400000


@njit
def half_bits(value: Any) -> Any:
    """The bits of the nearest 16-bit float, ties to even; NaN is not looked for."""
    bits = np.float32(value).view(np.int32)
    sign = (bits >> 16) & 0x8000
    size = np.float32(abs(value))
    if size >= _LARGEST_HALF:
        return sign | 0x7C00
    if size < _SMALLEST_NORMAL_HALF:
        # The scaled value is exact, and 2**10 of it are the smallest normal half.
        return sign | nearest_int(size * _HALF_STEP)
    bits &= 0x7FFFFFFF
    rounded = bits + 0xFFF + ((bits >> 13) & 1)
    return sign | ((rounded >> 13) - (112 << 10))


@njit
def half_value(bits: Any) -> Any:
    """The float32 that the bits of a finite 16-bit float stand for."""
    mantissa, exponent = bits & 0x3FF, (bits >> 10) & 0x1F
    if exponent == 0:
        size = np.float32(mantissa) / _HALF_STEP
    else:
        size = np.int32((bits & 0x7FFF) + (112 << 10) << 13).view(np.float32)
    return -size if bits & 0x8000 else size


@njit
def is_finite_half(bits: Any) -> Any:
    """Whether the bits are neither infinity nor NaN."""
    return bits & 0x7C00 != 0x7C00
