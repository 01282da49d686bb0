"""Q3_K: sub-blocks of 16 weights, each with a scale of 6 bits and no minimum.

Lane r of every vector belongs to super-block r of a batch. Without importances the levels of a
first guess are refined one by one, with importances several guesses are compared as for Q6_K. What
lanes cannot round as ggml does is marked as odd, and the caller leaves it to ggml.

Source: quantize_row_q3_K_ref, quantize_row_q3_K_impl and make_q3_quants in
ggml/src/ggml-quants.c, ggml 0.25.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from converters.quantization.kernels.batches import (
    SUPER_BLOCK,
    gather,
    scale_importance,
    sum_of_squares,
)
from converters.quantization.kernels.lanes import (
    N_LANES,
    absolute,
    all_set,
    load,
    select,
    splat,
    store,
)
from converters.quantization.kernels.packing import (
    pack_2_levels,
    pack_16_scales,
    pack_bits,
    pack_half,
)
from converters.quantization.kernels.rounding import (
    half_bits,
    half_value,
    is_finite_half,
    is_roundable,
)
from converters.quantization.kernels.symmetric import NOTHING, largest_of, search, whole

_F = np.float32
_SUB = 16
_N_SUBS = SUPER_BLOCK // _SUB
_STEP = _SUB * N_LANES
_LEVELS, _SCALES = _F(4), _F(32)
_LARGE = _F(1e30)
_ROUNDS = 5


@njit
def _refine(x: Any, at: Any, levels: Any) -> Any:
    """The scale of a sub-block in every lane, and where it can be relied on.

    Args:
        x: The batch, 256 vectors.
        at: Where the sub-block begins.
        levels: Of the batch; those of the sub-block are written, from 0 to 7.
    """
    zero = splat(_F(0))
    largest, signed = largest_of(x, at, _STEP)
    nothing = largest < splat(NOTHING)
    sum_xl, sum_l2 = zero, zero
    for i in range(at, at + _STEP, N_LANES):
        value = load(x, i)
        level = whole(splat(-_LEVELS) / signed * value, _LEVELS)
        store(levels, i, level)
        weight = value * value
        sum_xl = sum_xl + (weight * value) * level
        sum_l2 = sum_l2 + (weight * level) * level
    sound = ((absolute(sum_xl) < splat(_LARGE)) & (sum_l2 < splat(_LARGE))) | (largest <= zero)
    for _ in range(_ROUNDS):
        # ggml stops after a round without a change; one more of those changes nothing.
        for i in range(at, at + _STEP, N_LANES):
            value, level = load(x, i), load(levels, i)
            weight = value * value
            other_xl = sum_xl - (weight * value) * level
            other_l2 = sum_l2 - (weight * level) * level
            exact = (value * other_l2) / other_xl
            possible = other_xl > zero
            sound = sound & (is_roundable(select(possible, exact, zero)) | nothing)
            new = whole(exact, _LEVELS)
            new_xl = other_xl + (weight * value) * new
            new_l2 = other_l2 + (weight * new) * new
            gain = (new_xl * new_xl) * sum_l2 > (sum_xl * sum_xl) * new_l2
            moved = possible & (new != level) & (new_l2 > zero) & gain
            store(levels, i, select(moved, new, level))
            sum_xl, sum_l2 = select(moved, new_xl, sum_xl), select(moved, new_l2, sum_l2)
    for i in range(at, at + _STEP, N_LANES):
        store(levels, i, select(nothing, zero, load(levels, i) + splat(_LEVELS)))
    scale = select(sum_l2 > zero, sum_xl / sum_l2, zero)
    return select(nothing, zero, scale), sound


@njit
def _refine_batch(x: Any, levels: Any, scales: Any, units: Any) -> None:
    """Scales and levels of a batch; `units` gets the unit and where it can be relied on."""
    zero = splat(_F(0))
    sound = zero <= zero
    for j in range(_N_SUBS):
        scale, sound_j = _refine(x, j * _STEP, levels)
        sound = sound & sound_j
        store(scales, j * N_LANES, scale)
    _, signed = largest_of(scales, 0, _STEP)
    factor = splat(-_SCALES) / signed
    nothing = absolute(signed) <= zero
    for i in range(0, _STEP, N_LANES):
        exact = factor * load(scales, i)
        sound = sound & (is_roundable(exact) | nothing)
        store(scales, i, select(nothing, zero, whole(exact, _SCALES) + splat(_SCALES)))
    store(units[0], 0, select(nothing, zero, splat(_F(1)) / factor))
    store(units[1], 0, select(sound, splat(_F(1)), zero))


@njit
def _search_batch(
    x: Any, given: Any, w: Any, wx: Any, levels: Any, scales: Any, sums: Any, units: Any
) -> None:
    """The same with importances."""
    zero = splat(_F(0))
    sound = zero <= zero
    mean = splat(_F(2)) * sum_of_squares(x, 0, SUPER_BLOCK) / splat(_F(SUPER_BLOCK))
    for j in range(_N_SUBS):
        at, total = j * _STEP, zero
        scale_importance(x[at:], given[at:], _SUB, mean, w)
        for i in range(0, _STEP, N_LANES):
            total = total + load(w, i)
            store(wx, i, load(w, i) * load(x, at + i))
        scale, factor, sound_j = search(x, at, w, wx, _LEVELS)
        sound = sound & sound_j
        store(scales, j * N_LANES, scale)
        store(sums, j * N_LANES, total)
        _write_levels(x, at, factor, _LEVELS, levels)
    for i in range(0, _STEP, N_LANES):
        store(wx, i, load(sums, i) * load(scales, i))
    unit, factor, sound_scales = search(scales, 0, sums, wx, _SCALES)
    _write_levels(scales, 0, factor, _SCALES, scales)
    store(units[0], 0, unit)
    store(units[1], 0, select(sound & sound_scales, splat(_F(1)), zero))


@njit
def _write_levels(x: Any, at: Any, factor: Any, n_max: Any, levels: Any) -> None:
    """Levels from 0 for a factor that `search` has found."""
    zero = splat(_F(0))
    for i in range(at, at + _STEP, N_LANES):
        level = whole(factor * load(x, i), n_max) + splat(n_max)
        store(levels, i, select(factor != zero, level, zero))


@njit
def _level(x: Any, at: Any, d: Any, scales: Any, levels: Any) -> Any:
    """The levels of one super-block for its rounded scales; whether all could be rounded.

    Args:
        x: All weights.
        at: Where the super-block begins.
        d: The unit of its scales.
        scales: Its scales in units, from 0, (16,).
        levels: Those of the search; overwritten except where a scale is zero, (256,).
    """
    sound = splat(_F(0)) <= splat(_F(0))
    for j in range(_N_SUBS):
        scale = d * (scales[j] - _SCALES)
        if scale != 0:
            exact = load(x, at + j * _SUB) / splat(scale)
            sound = sound & is_roundable(exact)
            store(levels, j * _SUB, whole(exact, _LEVELS) + splat(_LEVELS))
    return all_set(sound)


@njit
def _pack(half: Any, scales: Any, levels: Any, bytes_: Any, out: Any) -> None:
    for i in range(SUPER_BLOCK):
        bytes_[i] = np.uint8(levels[i])
    pack_bits(bytes_, 2, out[:32])
    pack_2_levels(bytes_, out[32:96])
    pack_16_scales(scales, out[96:108])
    pack_half(half, out, 108)


@njit(cache=True, nogil=True, error_model="numpy")
def quantize(x: Any, importance: Any, out: Any, odd: Any) -> None:
    """Quantize whole super-blocks to Q3_K.

    Args:
        x: Weights, flat float32.
        importance: Of the columns of one row, flat float32; empty where not given.
        out: (n_blocks, 110)
        odd: (n_blocks,), set where the bytes are not ggml's.
    """
    n_blocks = len(out)
    batch, levels = np.empty((2, SUPER_BLOCK * N_LANES), _F)
    given = np.empty(batch.size if importance.size else 0, _F)
    w, wx, sums, scales = np.empty((4, _STEP), _F)
    units, own_scales = np.empty((2, N_LANES), _F), np.empty(_N_SUBS, _F)
    own, bytes_ = np.empty(SUPER_BLOCK, _F), np.empty(SUPER_BLOCK, np.uint8)
    for first in range(0, n_blocks, N_LANES):
        gather(x, first, SUPER_BLOCK, batch)
        if importance.size:
            gather(importance, first, SUPER_BLOCK, given)
            _search_batch(batch, given, w, wx, levels, scales, sums, units)
        else:
            _refine_batch(batch, levels, scales, units)
        for lane in range(min(N_LANES, n_blocks - first)):
            for j in range(_N_SUBS):
                own_scales[j] = scales[j * N_LANES + lane]
            for i in range(SUPER_BLOCK):
                own[i] = levels[i * N_LANES + lane]
            block = first + lane
            half = half_bits(units[0, lane])
            sound = units[1, lane] != 0 and is_finite_half(half)
            sound = sound and _level(x, block * SUPER_BLOCK, half_value(half), own_scales, own)
            odd[block] = not sound
            if sound:
                _pack(half, own_scales, own, bytes_, out[block])
