"""Weights laid out for lanes: lane r of vector i is weight i of block r of a batch of 16."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from converters.quantization.kernels.lanes import (
    N_LANES,
    absolute,
    load,
    splat,
    square_root,
    store,
    transpose,
)

SUPER_BLOCK = 256
_F = np.float32


@njit
def gather(source: Any, first: Any, size: Any, batch: Any) -> None:
    """Lay out the blocks `first` to `first + 15` of `source`, from its start again at its end.

    Args:
        source: Whole blocks, flat float32; for importances those of one row.
        first: The first block.
        size: Weights in a block, a multiple of 16.
        batch: Where to, `size` vectors.
    """
    n_blocks = source.size // size
    first %= n_blocks
    if first + N_LANES <= n_blocks:
        for i in range(0, size, N_LANES):
            transpose(source, first * size + i, size, batch, i * N_LANES)
        return
    for lane in range(N_LANES):
        begin = (first + lane) % n_blocks * size
        for i in range(size):
            batch[i * N_LANES + lane] = source[begin + i]


@njit
def sum_of_squares(x: Any, first: Any, n: Any) -> Any:
    """The sum over `n` vectors of `x`."""
    total = splat(_F(0))
    for i in range(n):
        value = load(x, first + i * N_LANES)
        total = total + value * value
    return total


@njit
def scale_importance(x: Any, importance: Any, n: Any, doubled_mean: Any, w: Any) -> None:
    """Importances times a soft size of the weights, for `n` vectors."""
    for i in range(0, n * N_LANES, N_LANES):
        value = load(x, i)
        store(w, i, load(importance, i) * square_root(doubled_mean + value * value))


@njit
def size_as_importance(x: Any, first: Any, n: Any, w: Any) -> None:
    """The size of each weight plus their root mean square, where no importances are given."""
    mean = square_root(sum_of_squares(x, first, n) / splat(_F(n)))
    for i in range(0, n * N_LANES, N_LANES):
        store(w, i, mean + absolute(load(x, first + i)))
