"""Which kernel makes which type; all take and mark the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.quantization.kernels import affine, codebook, plain, refined, symmetric

Kernel = Callable[
    [NDArray[np.float32], NDArray[np.float32], NDArray[np.uint8], NDArray[np.uint8]], None
]
"""Weights, flat, and the importance of each column of a row, empty where not given; where the bytes
go, (n_blocks, bytes of a block), and where it is marked, (n_blocks,), which of them ggml has to
make."""

_F = np.float32
# Of affine kernels: the form of a super-block, and the trials of a search.
_Q2_K_FORM = (16, _F(3), _F(15), _F(1))
_Q4_K_FORM = (32, _F(15), _F(63), _F(2))
_Q5_K_FORM = (32, _F(31), _F(63), _F(2))
_Q2_K_TRIALS = (_F(-0.5), _F(0.1), 15, False)
_Q4_K_TRIALS = (_F(-1), _F(0.1), 20, True)
_Q5_K_TRIALS = (_F(-0.5), _F(0.1), 15, True)
_WEIGHTED_TRIALS = (_F(-0.9), _F(0.05), 36, True)


def _q8_0(
    x: NDArray[np.float32],
    _importance: NDArray[np.float32],
    out: NDArray[np.uint8],
    odd: NDArray[np.uint8],
) -> None:
    plain.to_q8_0(x, x.view(np.int32), out, odd)


def _affine(
    form: tuple[int, np.float32, np.float32, np.float32],
    trials: tuple[np.float32, np.float32, int, bool],
) -> Kernel:
    def kernel(
        x: NDArray[np.float32],
        importance: NDArray[np.float32],
        out: NDArray[np.uint8],
        odd: NDArray[np.uint8],
    ) -> None:
        chosen = _WEIGHTED_TRIALS if importance.size else trials
        affine.quantize(x, importance, form, chosen, out, odd)

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
    GGMLQuantizationType.Q8_0: _q8_0,
    GGMLQuantizationType.Q2_K: _affine(_Q2_K_FORM, _Q2_K_TRIALS),
    GGMLQuantizationType.Q3_K: refined.quantize,
    GGMLQuantizationType.Q4_K: _affine(_Q4_K_FORM, _Q4_K_TRIALS),
    GGMLQuantizationType.Q5_K: _affine(_Q5_K_FORM, _Q5_K_TRIALS),
    GGMLQuantizationType.Q6_K: symmetric.quantize,
    GGMLQuantizationType.IQ4_NL: _codebook(1),
    GGMLQuantizationType.IQ4_XS: _codebook(8),
}
