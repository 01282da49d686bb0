"""The one function that the pipeline quantizes with."""

from __future__ import annotations

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.quantization import compiled, ggml


def quantize_rows(
    type_: GGMLQuantizationType,
    rows: NDArray[np.float32],
    imatrix: NDArray[np.float32] | None = None,
    out: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Quantize whole rows: ggml's bytes, made by the fastest that is there.

    May be called by several threads at the same time; Python's global lock is released meanwhile.

    Args:
        type_: What to make of them.
        rows: Weights, (n_rows, n_columns), contiguous.
        imatrix: The importance of each column, (n_columns,), the same for all rows.
        out: Where to write, (n_rows, row_size), contiguous; a new array without it.

    Returns:
        The bytes as they stand in a GGUF file, (n_rows, row_size).

    Raises:
        QuantizationError: The type cannot hold these rows, or not without more.
    """
    kernel = compiled.kernel_for(type_)
    if kernel is None:
        return ggml.quantize_rows(type_, rows, imatrix, out)
    out = ggml.prepare_output(type_, rows, imatrix, out)
    if rows.size:
        compiled.run_kernel(kernel, type_, rows, imatrix, out)
    return out
