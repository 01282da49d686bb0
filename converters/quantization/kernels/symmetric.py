"""Q6_K: sub-blocks of 16 weights, each with a scale of 8 bits and no minimum.

Lane r of every vector belongs to super-block r of a batch. What lanes cannot round as ggml does is
marked as odd, and the caller leaves those super-blocks to ggml.

Source: quantize_row_q6_K_ref, quantize_row_q6_K_impl and make_qx_quants in
ggml/src/ggml-quants.c, ggml 0.25.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from converters.quantization.kernels.batches import SUPER_BLOCK, gather
from converters.quantization.kernels.lanes import (
    N_LANES,
    absolute,
    all_set,
    larger,
    load,
    select,
    smaller,
    splat,
    store,
)
from converters.quantization.kernels.packing import pack_6_levels, pack_half
from converters.quantization.kernels.rounding import (
    half_bits,
    half_value,
    is_finite_half,
    is_roundable,
    nearest,
    nearest_int,
)

_F = np.float32
_SUB = 16
_N_SUBS = SUPER_BLOCK // _SUB
_STEP = _SUB * N_LANES
_LARGE = _F(1e30)
_NOTHING = _F(1e-15)
_TRIALS = 9
# Rows of `found`: the scale of each sub-block and the factor of its levels.
_SCALE, _FACTOR = 0, 1


@njit
def _whole(value: Any) -> Any:
    """Levels from -32 to 31."""
    return larger(splat(_F(-32)), smaller(splat(_F(31)), nearest(value)))


@njit
def _sums(x: Any, at: Any, w: Any, wx: Any, factor: Any) -> Any:
    """Weighted sums of weight times level and of squared levels."""
    sum_xl, sum_l2 = splat(_F(0)), splat(_F(0))
    for i in range(0, _STEP, N_LANES):
        level = _whole(factor * load(x, at + i))
        sum_xl = sum_xl + load(wx, i) * level
        sum_l2 = sum_l2 + (load(w, i) * level) * level
    return sum_xl, sum_l2


@njit
def _search(x: Any, at: Any, w: Any, wx: Any) -> Any:
    """The best scale of a sub-block in every lane, the factor of its levels, and where it is sound.

    Args:
        x: The batch, 256 vectors.
        at: Where the sub-block begins.
        w: The importance of its weights, 16 vectors.
        wx: That times the weights.
    """
    zero = splat(_F(0))
    largest, signed = zero, zero
    for i in range(0, _STEP, N_LANES):
        value = load(x, at + i)
        size = absolute(value)
        signed = select(size > largest, value, signed)
        largest = larger(size, largest)
    factor = splat(_F(-32)) / signed
    sum_xl, sum_l2 = _sums(x, at, w, wx, factor)
    nothing = largest < splat(_NOTHING)
    # Comparisons with NaN are false; only in zeros it is expected, from dividing by them.
    sound = ((absolute(sum_xl) < splat(_LARGE)) & (sum_l2 < splat(_LARGE))) | (largest <= zero)
    scale = select(sum_l2 != zero, sum_xl / sum_l2, zero)
    best = scale * sum_xl
    for trial in range(-_TRIALS, _TRIALS + 1):
        if trial != 0:
            new = splat(-(_F(32) + _F(0.1) * _F(trial))) / signed
            sum_xl, sum_l2 = _sums(x, at, w, wx, new)
            better = (sum_l2 > zero) & (sum_xl * sum_xl > best * sum_l2)
            factor = select(better, new, factor)
            scale = select(better, sum_xl / sum_l2, scale)
            best = select(better, scale * sum_xl, best)
    return select(nothing, zero, scale), select(nothing, zero, factor), sound


@njit
def _search_batch(x: Any, given: Any, w: Any, wx: Any, found: Any, extremes: Any) -> None:
    """Scales of a batch; `extremes` gets the largest in size and where all can be relied on."""
    zero = splat(_F(0))
    largest, signed, sound = zero, zero, zero <= zero
    for j in range(_N_SUBS):
        at = j * _STEP
        for i in range(0, _STEP, N_LANES):
            value = load(x, at + i)
            weight = load(given, at + i) if given.size else value * value
            store(w, i, weight)
            store(wx, i, weight * value)
        scale, factor, sound_j = _search(x, at, w, wx)
        store(found[_SCALE], j * N_LANES, scale)
        store(found[_FACTOR], j * N_LANES, factor)
        sound = sound & sound_j
        size = absolute(scale)
        signed = select(size > largest, scale, signed)
        largest = larger(size, largest)
    store(extremes[0], 0, signed)
    store(extremes[1], 0, select(sound, splat(_F(1)), zero))


@njit
def _level(x: Any, at: Any, found: Any, d: Any, scales: Any, levels: Any) -> Any:
    """The levels of one super-block for its rounded scales.

    Args:
        x: All weights.
        at: Where the super-block begins.
        found: Of this super-block, (2, 16).
        d: The unit of its scales.
        scales: Its scales in units, (16,).
        levels: Where they go, float32 (256,), from 0 to 63.

    Returns:
        Whether all of them could be rounded as ggml does.
    """
    middle = splat(_F(32))
    sound = middle <= middle
    for j in range(_N_SUBS):
        value, scale = load(x, at + j * _SUB), d * _F(scales[j])
        if scale == 0:
            # ggml leaves the levels of the search, and those of a sub-block of zeros at 0.
            exact = splat(found[_FACTOR, j]) * value
            lift = middle if found[_FACTOR, j] != 0 else splat(_F(0))
        else:
            exact, lift = value / splat(scale), middle
        sound = sound & is_roundable(exact)
        store(levels, j * _SUB, _whole(exact) + lift)
    return all_set(sound)


@njit
def _finish(
    x: Any, at: Any, found: Any, signed: Any, levels: Any, bytes_: Any, scales: Any, out: Any
) -> Any:
    """Write one super-block; whether its bytes are ggml's."""
    if abs(signed) < _NOTHING:
        out[:] = 0
        return True
    factor = _F(-128) / signed
    half = half_bits(_F(1) / factor)
    for j in range(_N_SUBS):
        scales[j] = min(127, nearest_int(factor * found[_SCALE, j]))
    sound = is_finite_half(half) and _level(x, at, found, half_value(half), scales, levels)
    if sound:
        for i in range(SUPER_BLOCK):
            bytes_[i] = np.uint8(levels[i])
        pack_6_levels(bytes_, out[:128], out[128:192])
        for j in range(_N_SUBS):
            out[192 + j] = scales[j] & 0xFF
        pack_half(half, out, 208)
    return sound


@njit(cache=True, nogil=True, error_model="numpy")
def quantize(x: Any, importance: Any, out: Any, odd: Any) -> None:
    """Quantize whole super-blocks to Q6_K.

    Args:
        x: Weights, flat float32.
        importance: Of the columns of one row, flat float32; empty where not given.
        out: (n_blocks, 210)
        odd: (n_blocks,), set where the bytes are not ggml's.
    """
    n_blocks = len(out)
    batch = np.empty(SUPER_BLOCK * N_LANES, _F)
    given = np.empty(batch.size if importance.size else 0, _F)
    w, wx = np.empty(_STEP, _F), np.empty(_STEP, _F)
    found, extremes = np.empty((2, _N_SUBS * N_LANES), _F), np.empty((2, N_LANES), _F)
    own, scales = np.empty((2, _N_SUBS), _F), np.empty(_N_SUBS, np.int32)
    levels, bytes_ = np.empty(SUPER_BLOCK, _F), np.empty(SUPER_BLOCK, np.uint8)
    for first in range(0, n_blocks, N_LANES):
        gather(x, first, SUPER_BLOCK, batch)
        if importance.size:
            gather(importance, first, SUPER_BLOCK, given)
        _search_batch(batch, given, w, wx, found, extremes)
        for lane in range(min(N_LANES, n_blocks - first)):
            for j in range(_N_SUBS):
                own[_SCALE, j] = found[_SCALE, j * N_LANES + lane]
                own[_FACTOR, j] = found[_FACTOR, j * N_LANES + lane]
            block = first + lane
            at, signed = block * SUPER_BLOCK, extremes[0, lane]
            odd[block] = not (
                extremes[1, lane] != 0
                and _finish(x, at, own, signed, levels, bytes_, scales, out[block])
            )
