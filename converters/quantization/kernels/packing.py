"""Levels and scales of one super-block to the bytes of its type.

Source: block_q4_K, block_q5_K, block_q6_K and block_iq4_xs in ggml/src/ggml-common.h, ggml 0.25.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_U8 = np.uint8


@njit
def pack_half(bits: Any, out: Any, at: Any) -> None:
    """A 16-bit float, little end first."""
    out[at] = bits & 0xFF
    out[at + 1] = bits >> 8


@njit
def pack_6_bits(scales: Any, lows: Any, out: Any) -> None:
    """Eight scales and eight minimums of 6 bits each as 12 bytes.

    Args:
        scales: Whole numbers as float32, (8,).
        lows: The same of the minimums.
        out: (12,)
    """
    for j in range(4):
        scale, low = int(scales[j]), int(lows[j])
        scale_2, low_2 = int(scales[j + 4]), int(lows[j + 4])
        out[j] = scale | (scale_2 >> 4) << 6
        out[j + 4] = low | (low_2 >> 4) << 6
        out[j + 8] = (scale_2 & 15) | (low_2 & 15) << 4


@njit
def pack_nibbles(levels: Any, half: Any, out: Any) -> None:
    """Two levels a byte: a weight and the one `half` later share it.

    Args:
        levels: From 0 to 15, uint8.
        half: 16 or 32.
        out: Half as many bytes.
    """
    for first in range(0, len(out), half):
        for i in range(half):
            out[first + i] = levels[2 * first + i] & 15 | levels[2 * first + half + i] << 4


@njit
def pack_fifth_bits(levels: Any, out: Any) -> None:
    """Bit 4 of 256 levels in 32 bytes: bit b of byte i is that of weight 32 * b + i."""
    for i in range(32):
        byte = _U8(0)
        for b in range(8):
            byte |= ((levels[32 * b + i] >> 4) & 1) << b
        out[i] = byte


@njit
def pack_6_levels(levels: Any, low: Any, high: Any) -> None:
    """256 levels of 6 bits: four bits of each in 128 bytes, the other two in 64.

    Args:
        levels: From 0 to 63, uint8, (256,).
        low: (128,)
        high: (64,)
    """
    for half in range(2):
        for i in range(32):
            a, b = levels[128 * half + i], levels[128 * half + 32 + i]
            c, d = levels[128 * half + 64 + i], levels[128 * half + 96 + i]
            low[64 * half + i] = a & 15 | (c & 15) << 4
            low[64 * half + 32 + i] = b & 15 | (d & 15) << 4
            high[32 * half + i] = a >> 4 | (b >> 4) << 2 | (c >> 4) << 4 | (d >> 4) << 6
