"""The scales of a super-block's eight sub-blocks in whole numbers from 0 to 63.

Source: quantize_row_q4_K_ref and make_qp_quants in ggml/src/ggml-quants.c, ggml 0.25.3.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from converters.quantization.kernels.lanes import (
    N_LANES,
    larger,
    load,
    select,
    smaller,
    splat,
    store,
)
from converters.quantization.kernels.rounding import is_roundable, nearest, nearest_int

_F = np.float32
N_SUBS = 8
_END = N_SUBS * N_LANES
_NOTHING = _F(1e-15)
_ROUNDS = 5


@njit
def round_scales(values: Any, whole: Any) -> Any:
    """Scales in 63rds of the largest.

    Args:
        values: The scales of a batch, 8 vectors.
        whole: Where the whole numbers go, 8 vectors.

    Returns:
        The size of a part, in every lane.
    """
    zero, top = splat(_F(0)), splat(_F(63))
    largest = zero
    for j in range(0, _END, N_LANES):
        largest = larger(load(values, j), largest)
    factor = select(largest > zero, top / largest, zero)
    for j in range(0, _END, N_LANES):
        store(whole, j, factor * load(values, j))
    for k in range(_END):
        # ggml keeps a byte of it: a negative scale comes out as 63.
        whole[k] = _F(min(63, nearest_int(whole[k]) & 0xFF))
    return largest / top


@njit
def fit_scales(values: Any, weights: Any, whole: Any) -> Any:
    """Scales in whole numbers that fit best where each sub-block has a weight.

    Args:
        values: The scales of a batch, 8 vectors.
        weights: Their weights, 8 vectors.
        whole: Where the whole numbers go, 8 vectors.

    Returns:
        The size of a part, and where all this can be relied on.
    """
    zero, top = splat(_F(0)), splat(_F(63))
    largest, sound = zero, zero <= zero
    for j in range(0, _END, N_LANES):
        value = load(values, j)
        sound = sound & (value >= zero)
        largest = larger(largest, value)
    nothing = largest < splat(_NOTHING)
    factor = _best_factor(values, weights, largest)
    sum_xl, sum_l2 = zero, zero
    for j in range(0, _END, N_LANES):
        value, weight = load(values, j), load(weights, j)
        level = smaller(top, nearest(factor * value))
        store(whole, j, level)
        sum_xl = sum_xl + (weight * value) * level
        sum_l2 = sum_l2 + (weight * level) * level
    for _ in range(_ROUNDS):
        # ggml stops after a round without a change; one more of those changes nothing.
        for j in range(0, _END, N_LANES):
            value, weight, level = load(values, j), load(weights, j), load(whole, j)
            other_xl = sum_xl - (weight * value) * level
            other_l2 = sum_l2 - (weight * level) * level
            exact = (value * other_l2) / other_xl
            possible = (other_xl > zero) & (other_l2 > zero)
            new = smaller(top, nearest(exact))
            new_xl = other_xl + (weight * value) * new
            new_l2 = other_l2 + (weight * new) * new
            gain = (new_xl * new_xl) * sum_l2 > (sum_xl * sum_xl) * new_l2
            moved = possible & (new != level) & gain
            # An impossible step and one that cannot be rounded look alike otherwise.
            sound = sound & (is_roundable(select(possible, exact, zero)) | nothing)
            store(whole, j, select(moved, new, level))
            sum_xl = select(moved, new_xl, sum_xl)
            sum_l2 = select(moved, new_l2, sum_l2)
    for j in range(0, _END, N_LANES):
        store(whole, j, select(nothing, zero, load(whole, j)))
    part = select(sum_l2 > zero, sum_xl / sum_l2, zero)
    return select(nothing, zero, part), sound


@njit
def _best_factor(values: Any, weights: Any, largest: Any) -> Any:
    """The best of nine factors around 63 over the largest scale."""
    factor = splat(_F(63)) / largest
    best = _squared_error(values, weights, factor)
    for trial in range(-4, 5):
        if trial != 0:
            trial_factor = splat(_F(0.1) * _F(trial) + _F(63)) / largest
            error = _squared_error(values, weights, trial_factor)
            better = error < best
            best, factor = select(better, error, best), select(better, trial_factor, factor)
    return factor


@njit
def _squared_error(values: Any, weights: Any, factor: Any) -> Any:
    total, part = splat(_F(0)), splat(_F(1)) / factor
    for j in range(0, _END, N_LANES):
        value = load(values, j)
        error = value - part * smaller(splat(_F(63)), nearest(factor * value))
        total = total + (load(weights, j) * error) * error
    return total
