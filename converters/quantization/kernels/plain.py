"""Q8_0: no search, only rounding, at the speed of memory.

Loops on whole numbers, which LLVM vectorises by itself: the largest size of floats is that of
their bits.

Source: quantize_row_q8_0_ref in ggml/src/ggml-quants.c, ggml 0.25.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from converters.quantization.kernels.packing import pack_half
from converters.quantization.kernels.rounding import half_bits

_F = np.float32
_BLOCK = 32
_SIZE = 0x7FFFFFFF
_INFINITY = 0x7F800000
_HALF = _F(0.5)
_LEAST = _F(1e-30)


@njit(cache=True, nogil=True, error_model="numpy")
def to_q8_0(x: Any, bits: Any, out: Any, odd: Any) -> None:
    """Quantize whole blocks of 32 to Q8_0; halves are rounded away from zero.

    Args:
        x: Weights, flat float32.
        bits: The same memory as int32.
        out: (n_blocks, 34)
        odd: (n_blocks,), set where the bytes may not be ggml's.
    """
    for block in range(len(out)):
        at = block * _BLOCK
        largest = np.int32(0)
        for i in range(_BLOCK):
            largest = max(largest, np.int32(bits[at + i] & _SIZE))
        size = np.int32(largest).view(np.float32)
        odd[block] = largest >= _INFINITY or 0 < size < _LEAST
        if odd[block]:
            continue
        unit = size / _F(127)
        factor = _F(1) / unit if unit != 0 else _F(0)
        for i in range(_BLOCK):
            exact = x[at + i] * factor
            whole = np.int32(exact)
            rest = exact - _F(whole)
            whole += np.int32(rest >= _HALF) - np.int32(rest <= -_HALF)
            out[block, 2 + i] = np.uint8(np.int8(whole))
        pack_half(half_bits(unit), out[block], 0)
