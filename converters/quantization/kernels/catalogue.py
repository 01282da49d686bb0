"""Which kernel makes which type; all take and mark the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.quantization.kernels import affine, codebook, symmetric

Kernel = Callable[
    [NDArray[np.float32], NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]], None
]
"""Weights, flat, and the importance of each column of a row, empty where not given; where the bytes
go, (n_blocks, type_size), and where it is marked, (n_blocks,), which of them ggml has to make."""

_F = np.float32
_Q4_K_TRIALS, _Q5_K_TRIALS = (_F(-1), _F(0.1), 20), (_F(-0.5), _F(0.1), 15)
_WEIGHTED_TRIALS = (_F(-0.9), _F(0.05), 36)


def _affine(bits: int, trials: tuple[np.float32, np.float32, int]) -> Kernel:
    def kernel(
        x: NDArray[np.float32],
        importance: NDArray[np.float32],
        out: NDArray[np.uint8],
        odd: NDArray[np.uint8],
    ) -> None:
        chosen = _WEIGHTED_TRIALS if importance.size else trials
        affine.quantize(x, importance, bits, chosen, out, odd)

    return kernel


def _codebook(n_subs: int) -> Kernel:
    def kernel(
        x: NDArray[np.float32],
        importance: NDArray[np.float32],
        out: NDArray[np.uint8],
        odd: NDArray[np.uint8],
    ) -> None:
        codebook.quantize(x, importance, n_subs, out, odd)

    return kernel


KERNELS: dict[GGMLQuantizationType, Kernel] = {
    GGMLQuantizationType.Q4_K: _affine(4, _Q4_K_TRIALS),
    GGMLQuantizationType.Q5_K: _affine(5, _Q5_K_TRIALS),
    GGMLQuantizationType.Q6_K: symmetric.quantize,
    GGMLQuantizationType.IQ4_NL: _codebook(1),
    GGMLQuantizationType.IQ4_XS: _codebook(8),
}
