"""The scales of a super-block's sub-blocks in whole numbers from 0 to 63, or to 15.

Source: quantize_row_q4_K_ref, quantize_row_q2_K_ref and make_qp_quants in
ggml/src/ggml-quants.c, ggml 0.25.3.
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
from converters.quantization.kernels.rounding import is_roundable, nearest

_F = np.float32
_NOTHING = _F(1e-15)
_ROUNDS = 5


@njit
def round_scales(values: Any, largest_whole: Any, whole: Any) -> Any:
    """Scales in parts of the largest.

    Args:
        values: The scales of a batch, a vector for each sub-block.
        largest_whole: What the largest becomes.
        whole: Where the whole numbers go.

    Returns:
        The size of a part, and where all this can be relied on.
    """
    zero, top = splat(_F(0)), splat(largest_whole)
    largest, sound = zero, zero <= zero
    for j in range(0, len(values), N_LANES):
        largest = larger(load(values, j), largest)
    factor = select(largest > zero, top / largest, zero)
    for j in range(0, len(values), N_LANES):
        exact = factor * load(values, j)
        # ggml keeps a byte of a negative scale.
        sound = sound & is_roundable(exact) & (exact >= zero)
        store(whole, j, smaller(top, nearest(exact)))
    return largest / top, sound


@njit
def fit_scales(values: Any, weights: Any, largest_whole: Any, whole: Any) -> Any:
    """Scales in whole numbers that fit best where each sub-block has a weight.

    Args:
        values: The scales of a batch, a vector for each sub-block.
        weights: Their weights.
        largest_whole: What whole numbers go up to.
        whole: Where they go.

    Returns:
        The size of a part, and where all this can be relied on.
    """
    zero, top = splat(_F(0)), splat(largest_whole)
    largest, sound = zero, zero <= zero
    for j in range(0, len(values), N_LANES):
        value = load(values, j)
        sound = sound & (value >= zero)
        largest = larger(largest, value)
    nothing = largest < splat(_NOTHING)
    factor = _best_factor(values, weights, largest_whole, largest)
    sum_xl, sum_l2 = zero, zero
    for j in range(0, len(values), N_LANES):
        value, weight = load(values, j), load(weights, j)
        level = smaller(top, nearest(factor * value))
        store(whole, j, level)
        sum_xl = sum_xl + (weight * value) * level
        sum_l2 = sum_l2 + (weight * level) * level
    for _ in range(_ROUNDS):
        # ggml stops after a round without a change; one more of those changes nothing.
        for j in range(0, len(values), N_LANES):
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
    for j in range(0, len(values), N_LANES):
        store(whole, j, select(nothing, zero, load(whole, j)))
    part = select(sum_l2 > zero, sum_xl / sum_l2, zero)
    return select(nothing, zero, part), sound


@njit
def _best_factor(values: Any, weights: Any, largest_whole: Any, largest: Any) -> Any:
    """The best of nine factors around the largest whole number over the largest scale."""
    top = splat(largest_whole)
    factor = top / largest
    best = _squared_error(values, weights, top, factor)
    for trial in range(-4, 5):
        if trial != 0:
            trial_factor = splat(_F(0.1) * _F(trial) + largest_whole) / largest
            error = _squared_error(values, weights, top, trial_factor)
            better = error < best
            best, factor = select(better, error, best), select(better, trial_factor, factor)
    return factor


@njit
def _squared_error(values: Any, weights: Any, top: Any, factor: Any) -> Any:
    total, part = splat(_F(0)), splat(_F(1)) / factor
    for j in range(0, len(values), N_LANES):
        value = load(values, j)
        error = value - part * smaller(top, nearest(factor * value))
        total = total + (load(weights, j) * error) * error
    return total
