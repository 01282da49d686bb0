"""What the pipeline quantizes with.

F16, BF16, Q8_0, TQ1_0 and TQ2_0 are made of finite weights by ggml and by the `gguf` package in the
same way, so that one function serves conversion, which has to equal the latter, and quantization.
"""

from __future__ import annotations

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.quantization import compiled, ggml, ggml_cpu


def quantize_rows(
    type_: GGMLQuantizationType,
    rows: NDArray[np.float32],
    imatrix: NDArray[np.float32] | None = None,
    out: NDArray[np.uint8] | None = None,
    *,
    waits: bool = True,
) -> NDArray[np.uint8]:
    """Quantize whole rows: ggml's bytes, made by the fastest that is there.

    May be called by several threads at the same time; Python's global lock is released meanwhile.

    Args:
        type_: What to make of them.
        rows: Weights, (n_rows, n_columns), contiguous.
        imatrix: The importance of each column, (n_columns,), the same for all rows.
        out: Where to write, (n_rows, row_size), contiguous; a new array without it.
        waits: Whether the first call for a type has its kernel compiled; see `compiled.kernel_for`.

    Returns:
        The bytes as they stand in a GGUF file, (n_rows, row_size).

    Raises:
        QuantizationError: The type cannot hold these rows, or not without more.
    """
    if type_ is GGMLQuantizationType.F16:
        out = ggml.prepare_output(type_, rows, imatrix, out)
        ggml_cpu.quantize_f16(rows, out)
        return out
    kernel = compiled.kernel_for(type_, waits=waits)
    if kernel is None:
        return ggml.quantize_rows(type_, rows, imatrix, out)
    out = ggml.prepare_output(type_, rows, imatrix, out)
    if rows.size:
        compiled.run_kernel(kernel, type_, rows, imatrix, out)
    return out


def keep_bf16(stored: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Rows that are stored as BF16 already: their own bytes, without a copy.

    Signalling NaN become quiet, as they would on the way through float32.

    Args:
        stored: The bits, (n_rows, n_columns), contiguous.

    Returns:
        (n_rows, 2 * n_columns)
    """
    signalling = ((stored & 0x7FFF) > 0x7F80) & ((stored & 0x40) == 0)
    if signalling.any():
        stored = np.where(signalling, stored | 0x40, stored).astype(np.uint16)
    return stored.view(np.uint8)
