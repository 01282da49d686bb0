"""Q4_K and Q5_K: sub-blocks of 32 weights, each with a scale and a minimum of 6 bits.

Lane r of every vector belongs to super-block r of a batch; sums run over its weights in ggml's
order. What lanes cannot round as ggml does (weights that are not finite, tiny, or huge beside each
other) is marked as odd, and the caller leaves those super-blocks to ggml.

Source: quantize_row_q4_K_ref, quantize_row_q4_K_impl, the same of q5_K, make_qkx2_quants and
make_qkx3_quants in ggml/src/ggml-quants.c, ggml 0.25.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from converters.quantization.kernels.batches import (
    SUPER_BLOCK,
    gather,
    scale_importance,
    size_as_importance,
    sum_of_squares,
)
from converters.quantization.kernels.lanes import (
    N_LANES,
    absolute,
    all_set,
    larger,
    load,
    negative,
    select,
    smaller,
    splat,
    store,
)
from converters.quantization.kernels.packing import (
    pack_6_bits,
    pack_fifth_bits,
    pack_half,
    pack_nibbles,
)
from converters.quantization.kernels.rounding import (
    half_bits,
    half_value,
    is_finite_half,
    is_roundable,
    nearest,
)
from converters.quantization.kernels.scales import N_SUBS, fit_scales, round_scales

_F = np.float32
_SUB = 32
_STEP = _SUB * N_LANES
_LARGE = _F(1e30)
_NARROW = _F(2.0**-100)
_SHRUNK = _F(2.0**-12)
# Rows of `found`, 8 vectors each: what the search finds for the eight sub-blocks.
_SCALE, _LOW, _FACTOR, _BASE, _WEIGHT, _WHOLE_SCALE, _WHOLE_LOW = range(7)
_N_FOUND = 7


@njit
def _first_error(x: Any, w: Any, at: Any, factor: Any, low: Any, top: Any) -> Any:
    """The weighted squared error of levels from the smallest to the largest weight."""
    total, scale = splat(_F(0)), splat(_F(1)) / factor
    for i in range(0, _STEP, N_LANES):
        value = load(x, at + i)
        level = larger(splat(_F(0)), smaller(top, nearest(factor * (value - low))))
        error = (scale * level + low) - value
        total = total + load(w, i) * (error * error)
    return total


@njit
def _trial(
    x: Any, w: Any, at: Any, factor: Any, low: Any, top: Any, sum_w: Any, sum_x: Any, levels: Any
) -> Any:
    """Levels for a factor, then the best scale and minimum for these levels, and their error."""
    zero = splat(_F(0))
    sum_l, sum_l2, sum_xl = zero, zero, zero
    for i in range(0, _STEP, N_LANES):
        value = load(x, at + i)
        level = larger(zero, smaller(top, nearest(factor * (value - low))))
        store(levels, i, level)
        weighted = load(w, i) * level
        sum_l = sum_l + weighted
        sum_l2 = sum_l2 + weighted * level
        sum_xl = sum_xl + weighted * value
    determinant = sum_w * sum_l2 - sum_l * sum_l
    scale = (sum_w * sum_xl - sum_x * sum_l) / determinant
    new_low = (sum_l2 * sum_x - sum_l * sum_xl) / determinant
    above = new_low > zero
    scale, new_low = select(above, sum_xl / sum_l2, scale), select(above, zero, new_low)
    total = zero
    for i in range(0, _STEP, N_LANES):
        error = (scale * load(levels, i) + new_low) - load(x, at + i)
        total = total + load(w, i) * (error * error)
    return scale, new_low, total, determinant > zero


@njit
def _search(
    x: Any, w: Any, at: Any, levels: Any, n_max: Any, trials: Any, found: Any, j: Any
) -> Any:
    """The best scale and minimum of sub-block j in every lane; where they can be relied on.

    Args:
        x: The batch, 256 vectors.
        w: The importance of the sub-block's weights, 32 vectors.
        at: Where the sub-block begins in `x`.
        levels: Scratch, 32 vectors.
        n_max: The largest level.
        trials: The first divides the range into `n_max + trials[0]` parts, each of the following
            `trials[2]` into `trials[1]` more.
        found: Where the result goes.
        j: The sub-block.
    """
    zero, top = splat(_F(0)), splat(n_max)
    low = load(x, at)
    high, sum_w = low, load(w, 0)
    sum_x = sum_w * low
    for i in range(N_LANES, _STEP, N_LANES):
        value, weight = load(x, at + i), load(w, i)
        low, high = smaller(value, low), larger(value, high)
        sum_w = sum_w + weight
        sum_x = sum_x + weight * value
    low = select(low > zero, zero, low)
    flat, flat_low, span = high <= low, low, high - low
    sound = (absolute(sum_w) < splat(_LARGE)) & (absolute(sum_x) < splat(_LARGE))
    sound = sound & (flat | (span > splat(_NARROW)))
    narrowest = span * splat(_SHRUNK)
    factor, base = top / span, low
    scale = splat(_F(1)) / factor
    best = _first_error(x, w, at, factor, low, top)
    for trial in range(trials[2] + 1):
        # ggml goes on from the best minimum so far, not from the smallest weight.
        span = high - low
        sound = sound & (flat | (span >= narrowest))
        new_factor = splat(trials[0] + trials[1] * _F(trial) + n_max) / span
        new_scale, new_low, error, solved = _trial(
            x, w, at, new_factor, low, top, sum_w, sum_x, levels
        )
        better = solved & (error < best)
        best, scale = select(better, error, best), select(better, new_scale, scale)
        factor, base = select(better, new_factor, factor), select(better, low, base)
        low = select(better, new_low, low)
    place = j * N_LANES
    store(found[_SCALE], place, select(flat, zero, scale))
    store(found[_LOW], place, negative(select(flat, flat_low, low)))
    store(found[_FACTOR], place, select(flat, zero, factor))
    store(found[_BASE], place, base)
    store(found[_WEIGHT], place, sum_w)
    return sound


@njit
def _level(x: Any, at: Any, found: Any, d: Any, d_low: Any, n_max: Any, levels: Any) -> Any:
    """The levels of one super-block for its rounded scales.

    Args:
        x: All weights.
        at: Where the super-block begins.
        found: Of this super-block, (7, 8).
        d: The unit of its scales.
        d_low: The unit of its minimums.
        n_max: The largest level.
        levels: Where they go, float32 (256,).

    Returns:
        Whether all of them could be rounded as ggml does.
    """
    zero, top = splat(_F(0)), splat(n_max)
    sound = zero <= zero
    for j in range(N_SUBS):
        scale, shift = d * found[_WHOLE_SCALE, j], d_low * found[_WHOLE_LOW, j]
        for i in range(j * _SUB, (j + 1) * _SUB, N_LANES):
            value = load(x, at + i)
            if scale == 0:
                # ggml leaves the levels of the search.
                exact = splat(found[_FACTOR, j]) * (value - splat(found[_BASE, j]))
            else:
                exact = (value + splat(shift)) / splat(scale)
            sound = sound & is_roundable(exact)
            store(levels, i, larger(zero, smaller(top, nearest(exact))))
    return all_set(sound)


@njit
def _pack(d: Any, d_low: Any, found: Any, levels: Any, bytes_: Any, out: Any) -> None:
    for i in range(SUPER_BLOCK):
        bytes_[i] = np.uint8(levels[i])
    pack_half(d, out, 0)
    pack_half(d_low, out, 2)
    pack_6_bits(found[_WHOLE_SCALE], found[_WHOLE_LOW], out[4:16])
    if len(out) > 144:
        pack_fifth_bits(bytes_, out[16:48])
    pack_nibbles(bytes_, 32, out[-128:])


@njit
def _search_batch(
    x: Any, given: Any, w: Any, levels: Any, n_max: Any, trials: Any, found: Any, units: Any
) -> None:
    """Scales and minimums of a batch; `units` gets both units and where they can be relied on."""
    zero = splat(_F(0))
    sound = zero <= zero
    mean = splat(_F(2)) * sum_of_squares(x, 0, SUPER_BLOCK) / splat(_F(SUPER_BLOCK))
    for j in range(N_SUBS):
        at = j * _STEP
        if given.size:
            scale_importance(x[at:], given[at:], _SUB, mean, w)
        else:
            size_as_importance(x, at, _SUB, w)
        sound = sound & _search(x, w, at, levels, n_max, trials, found, j)
    if given.size:
        d, sound_d = fit_scales(found[_SCALE], found[_WEIGHT], found[_WHOLE_SCALE])
        d_low, sound_low = fit_scales(found[_LOW], found[_WEIGHT], found[_WHOLE_LOW])
        sound = sound & sound_d & sound_low
    else:
        d = round_scales(found[_SCALE], found[_WHOLE_SCALE])
        d_low = round_scales(found[_LOW], found[_WHOLE_LOW])
    store(units[0], 0, d)
    store(units[1], 0, d_low)
    store(units[2], 0, select(sound, splat(_F(1)), zero))


@njit(cache=True, nogil=True, error_model="numpy")
def quantize(x: Any, importance: Any, bits: Any, trials: Any, out: Any, odd: Any) -> None:
    """Quantize whole super-blocks to Q4_K or Q5_K.

    Args:
        x: Weights, flat float32.
        importance: Of the columns of one row, flat float32; empty where not given.
        bits: 4 or 5.
        trials: See `_search`.
        out: (n_blocks, 144 or 176)
        odd: (n_blocks,), set where the bytes are not ggml's.
    """
    n_blocks, n_max = len(out), _F((1 << bits) - 1)
    batch = np.empty(SUPER_BLOCK * N_LANES, _F)
    given = np.empty(batch.size if importance.size else 0, _F)
    w, scratch = np.empty(_STEP, _F), np.empty(_STEP, _F)
    found, units = np.empty((_N_FOUND, N_SUBS * N_LANES), _F), np.empty((3, N_LANES), _F)
    own = np.empty((_N_FOUND, N_SUBS), _F)
    levels, bytes_ = np.empty(SUPER_BLOCK, _F), np.empty(SUPER_BLOCK, np.uint8)
    for first in range(0, n_blocks, N_LANES):
        gather(x, first, SUPER_BLOCK, batch)
        if importance.size:
            gather(importance, first, SUPER_BLOCK, given)
        _search_batch(batch, given, w, scratch, n_max, trials, found, units)
        for lane in range(min(N_LANES, n_blocks - first)):
            for row in range(_N_FOUND):
                for j in range(N_SUBS):
                    own[row, j] = found[row, j * N_LANES + lane]
            block = first + lane
            d, d_low = half_bits(units[0, lane]), half_bits(units[1, lane])
            sound = units[2, lane] != 0 and is_finite_half(d) and is_finite_half(d_low)
            sound = sound and _level(
                x, block * SUPER_BLOCK, own, half_value(d), half_value(d_low), n_max, levels
            )
            odd[block] = not sound
            if sound:
                _pack(d, d_low, own, levels, bytes_, out[block])
