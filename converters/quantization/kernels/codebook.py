"""IQ4_NL and IQ4_XS: blocks of 32 weights, each a scale times one of sixteen fixed values.

Lane r of every vector belongs to block r of a batch (IQ4_XS: super-block of eight of them). What
may round otherwise than in ggml is marked as odd, and the caller leaves it to ggml.

Source: quantize_row_iq4_nl_impl and best_index_int8 in ggml/src/ggml-quants.c, kvalues_iq4nl in
ggml/src/ggml-common.h, ggml 0.25.3.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numba import njit

from converters.quantization.kernels.batches import (
    gather,
    scale_importance,
    sum_of_squares,
)
from converters.quantization.kernels.lanes import (
    N_LANES,
    absolute,
    larger,
    load,
    negative,
    select,
    splat,
    staircase,
    store,
)
from converters.quantization.kernels.packing import pack_half, pack_nibbles
from converters.quantization.kernels.rounding import half_bits, nearest_int

_F = np.float32
BLOCK = 32
_STEP = BLOCK * N_LANES
_VALUES = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
# ggml takes the upper of two values that are equally near.
_MIDDLES = tuple((a + b) / 2 for a, b in itertools.pairwise(_VALUES))
_value_of = staircase(_MIDDLES, _VALUES)
_index_of = staircase(_MIDDLES, range(len(_VALUES)))
_LOWEST = _F(_VALUES[0])
_LARGE = _F(1e30)
_NOTHING = _F(1e-15)
_TRIALS = 7


@njit
def _sums(x: Any, at: Any, w: Any, factor: Any) -> Any:
    """Weighted sums of weight times value and of squared values."""
    sum_xq, sum_q2 = splat(_F(0)), splat(_F(0))
    for i in range(0, _STEP, N_LANES):
        number = load(x, at + i)
        value = _value_of(factor * number)
        weighted = load(w, i) * value
        sum_xq = sum_xq + weighted * number
        sum_q2 = sum_q2 + weighted * value
    return sum_xq, sum_q2


@njit
def _search(x: Any, at: Any, w: Any) -> Any:
    """The best scale of a block in every lane, and where it can be relied on.

    Args:
        x: The batch.
        at: Where the block begins.
        w: The importance of its weights, 32 vectors.
    """
    zero = splat(_F(0))
    largest, signed = zero, zero
    for i in range(0, _STEP, N_LANES):
        number = load(x, at + i)
        size = absolute(number)
        signed = select(size > largest, number, signed)
        largest = larger(size, largest)
    factor = splat(_F(1)) / (negative(signed) / splat(_LOWEST))
    sum_xq, sum_q2 = _sums(x, at, w, factor)
    sound = ((absolute(sum_xq) < splat(_LARGE)) & (sum_q2 < splat(_LARGE))) | (largest <= zero)
    scale = select(sum_q2 > zero, sum_xq / sum_q2, zero)
    best = scale * sum_xq
    for trial in range(-_TRIALS, _TRIALS + 1):
        sum_xq, sum_q2 = _sums(x, at, w, splat(_F(trial) + _LOWEST) / signed)
        better = (sum_q2 > zero) & (sum_xq * sum_xq > best * sum_q2)
        scale = select(better, sum_xq / sum_q2, scale)
        best = select(better, scale * sum_xq, best)
    return select(largest < splat(_NOTHING), zero, scale), sound


@njit
def _search_batch(x: Any, given: Any, n_subs: Any, w: Any, scales: Any, flags: Any) -> None:
    """The scales of a batch, `n_subs` vectors, and where they can be relied on."""
    n = n_subs * BLOCK
    mean = sum_of_squares(x, 0, n) * splat(_F(2) / _F(n))
    # False for NaN and infinity.
    sound = mean < splat(_LARGE)
    for j in range(n_subs):
        at = j * _STEP
        if given.size:
            scale_importance(x[at:], given[at:], BLOCK, mean, w)
        else:
            for i in range(0, _STEP, N_LANES):
                number = load(x, at + i)
                store(w, i, number * number)
        scale, sound_j = _search(x, at, w)
        sound = sound & sound_j
        store(scales, j * N_LANES, scale)
    store(flags, 0, select(sound, splat(_F(1)), splat(_F(0))))


@njit
def _index_block(x: Any, at: Any, factor: Any, indexes: Any) -> None:
    """The indexes of the values nearest to 32 weights."""
    for i in range(0, BLOCK, N_LANES):
        store(indexes, i, _index_of(splat(factor) * load(x, at + i)))


@njit
def _pack(indexes: Any, bytes_: Any, out: Any) -> None:
    for i in range(len(indexes)):
        bytes_[i] = np.uint8(indexes[i])
    pack_nibbles(bytes_, 16, out)


@njit
def _inverse(value: Any) -> Any:
    return _F(1) / value if value != 0 else _F(0)


@njit
def _finish_nl(x: Any, at: Any, scales: Any, indexes: Any, bytes_: Any, out: Any) -> None:
    _index_block(x, at, _inverse(scales[0]), indexes)
    pack_half(half_bits(scales[0]), out, 0)
    _pack(indexes, bytes_, out[2:])


@njit
def _finish_xs(x: Any, at: Any, scales: Any, indexes: Any, bytes_: Any, out: Any) -> None:
    """Eight blocks with scales of 6 bits: 4 of each in `out[4:8]`, 2 in `out[2:4]`."""
    largest = _F(0)
    for j in range(len(scales)):
        if abs(scales[j]) > abs(largest):
            largest = scales[j]
    # The unit is used before it is rounded to 16 bits.
    unit = -largest / _F(32)
    factor = _inverse(unit)
    out[2:8] = 0
    for j in range(len(scales)):
        whole = max(-32, min(31, nearest_int(factor * scales[j])))
        _index_block(x, at + j * BLOCK, _inverse(unit * _F(whole)), indexes[j * BLOCK :])
        out[4 + j // 2] |= ((whole + 32) & 15) << 4 * (j % 2)
        out[2 + j // 4] |= ((whole + 32) >> 4) << 2 * (j % 4)
    pack_half(half_bits(unit), out, 0)
    _pack(indexes, bytes_, out[8:])


@njit(cache=True, nogil=True, error_model="numpy")
def quantize(x: Any, importance: Any, n_subs: Any, out: Any, odd: Any) -> None:
    """Quantize whole blocks to IQ4_NL or super-blocks to IQ4_XS.

    Args:
        x: Weights, flat float32.
        importance: Of the columns of one row, flat float32; empty where not given.
        n_subs: Blocks of 32 that share a 16-bit scale: 1 or 8.
        out: (n_blocks, 18 or 136)
        odd: (n_blocks,), set where the bytes may not be ggml's.
    """
    n_blocks, size = len(out), n_subs * BLOCK
    batch = np.empty(size * N_LANES, _F)
    given = np.empty(batch.size if importance.size else 0, _F)
    w, flags = np.empty(_STEP, _F), np.empty(N_LANES, _F)
    scales, own = np.empty(n_subs * N_LANES, _F), np.empty(n_subs, _F)
    indexes, bytes_ = np.empty(size, _F), np.empty(size, np.uint8)
    for first in range(0, n_blocks, N_LANES):
        gather(x, first, size, batch)
        if importance.size:
            gather(importance, first, size, given)
        _search_batch(batch, given, n_subs, w, scales, flags)
        for lane in range(min(N_LANES, n_blocks - first)):
            block = first + lane
            for j in range(n_subs):
                own[j] = scales[j * N_LANES + lane]
            odd[block] = flags[lane] == 0
            if n_subs == 1:
                _finish_nl(x, block * size, own, indexes, bytes_, out[block])
            else:
                _finish_xs(x, block * size, own, indexes, bytes_, out[block])
