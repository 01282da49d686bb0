"""ggml's own quantization, called in the library that llama.cpp brings along.

The one module that loads libggml-base. The library aborts the process on what it does not expect,
so everything is checked before a call. Calls release Python's global lock: several threads
quantize at the same time.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from numpy.typing import NDArray

from converters.errors import (
    ImatrixNeeded,
    NotQuantizable,
    QuantizerMissing,
    RowLengthUnfit,
    WeightsNotFinite,
)

_Type = GGMLQuantizationType
_LIBRARY_NAMES = (
    # The names libllama is linked to come first: the wheel holds copies instead of links, and a
    # second copy in one process would be a second ggml.
    "libggml-base.so.0",
    "libggml-base.so",
    "libggml-base.0.dylib",
    "libggml-base.dylib",
    "ggml-base.dll",
)
_NOT_FOR_WEIGHTS = frozenset(
    # Intermediate results and whole numbers. Source: ggml_quantize_chunk in ggml/src/ggml.c,
    # ggml 0.25.3.
    {_Type.Q8_1, _Type.Q8_K, _Type.I8, _Type.I16, _Type.I32, _Type.I64, _Type.F64}
)
QUANTIZABLE = frozenset(GGML_QUANT_SIZES) - _NOT_FOR_WEIGHTS
"""Types that weights can be stored in."""
_ON_A_GRID = frozenset(
    # These look up neighbours on a grid and abort where a NaN leads them beside it.
    {_Type.IQ1_S, _Type.IQ1_M, _Type.IQ2_XXS, _Type.IQ2_XS, _Type.IQ2_S, _Type.IQ3_XXS, _Type.IQ3_S}
)


class _Traits(ctypes.Structure):
    """Source: struct ggml_type_traits in ggml/include/ggml.h, ggml 0.25.3."""

    _fields_ = (
        ("type_name", ctypes.c_char_p),
        ("block_size", ctypes.c_int64),
        ("block_size_interleave", ctypes.c_int64),
        ("type_size", ctypes.c_size_t),
        ("is_quantized", ctypes.c_bool),
        ("to_float", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)),
        ("from_float", ctypes.c_void_p),
    )


def row_size(type_: GGMLQuantizationType, n_columns: int) -> int:
    """The bytes of one row.

    Raises:
        RowLengthUnfit: The columns are no whole number of blocks.
    """
    block_size, type_size = GGML_QUANT_SIZES[type_]
    if n_columns % block_size:
        raise RowLengthUnfit(
            f"Rows of {n_columns} weights cannot be stored as {type_.name}",
            f"{type_.name} holds blocks of {block_size} weights, and {n_columns} is"
            f" {n_columns % block_size} more than a whole number of them.",
            "Choose a type with smaller blocks for this tensor, such as Q8_0 or F16.",
        )
    return int(n_columns // block_size * type_size)


def requires_imatrix(type_: GGMLQuantizationType) -> bool:
    """Whether the type cannot be made without an importance matrix."""
    return bool(_library().ggml_quantize_requires_imatrix(type_))


def quantize_rows(
    type_: GGMLQuantizationType,
    rows: NDArray[np.float32],
    imatrix: NDArray[np.float32] | None = None,
    out: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Quantize whole rows as ggml does.

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
    out = prepare_output(type_, rows, imatrix, out)
    if rows.size:
        source, target = rows.ctypes.data, out.ctypes.data
        importance = None if imatrix is None else imatrix.ctypes.data
        _library().ggml_quantize_chunk(type_, source, target, 0, *rows.shape, importance)
    return out


def dequantize_rows(
    type_: GGMLQuantizationType, packed: NDArray[np.uint8], n_columns: int
) -> NDArray[np.float32]:
    """The weights that quantized rows stand for.

    Args:
        type_: What the rows are.
        packed: Their bytes, (n_rows, row_size), contiguous.
        n_columns: The weights of one row.

    Returns:
        The weights, (n_rows, n_columns).
    """
    if type_ not in QUANTIZABLE:
        raise _not_quantizable(type_)
    size = row_size(type_, n_columns)
    if packed.dtype != np.uint8 or packed.ndim != 2 or packed.shape[1] != size:
        raise ValueError(f"{packed.dtype} {packed.shape} are no rows of {size} bytes")
    if not packed.flags.c_contiguous:
        raise ValueError("the rows must be contiguous")
    if type_ == _Type.F32:
        return packed.view(np.float32)
    rows = np.empty((len(packed), n_columns), np.float32)
    traits = _library().ggml_get_type_traits(type_).contents
    traits.to_float(packed.ctypes.data, rows.ctypes.data, rows.size)
    return rows


def release_tables() -> None:
    """Free the grids that quantizing to IQ types has left in memory; not while others quantize."""
    _library().ggml_quantize_free()


def prepare_output(
    type_: GGMLQuantizationType,
    rows: NDArray[np.float32],
    imatrix: NDArray[np.float32] | None,
    out: NDArray[np.uint8] | None,
) -> NDArray[np.uint8]:
    """Refuse what ggml would end the process for, and find or make the place for the result.

    Raises:
        QuantizationError: The type cannot hold these rows, or not without more.
        ValueError: The arrays are not what `quantize_rows` takes.
    """
    if type_ not in QUANTIZABLE:
        raise _not_quantizable(type_)
    _check_rows(rows)
    if imatrix is not None:
        _check_imatrix(imatrix, rows.shape[1])
    elif requires_imatrix(type_):
        raise ImatrixNeeded(
            f"{type_.name} cannot be made without an importance matrix",
            "So few bits a weight serve only where the important weights are known.",
            "Make an importance matrix with `conclave calibrate`, or choose a larger type.",
        )
    if type_ in _ON_A_GRID:
        _check_finite(type_, rows, imatrix)
    shape = (len(rows), row_size(type_, rows.shape[1]))
    if out is None:
        return np.empty(shape, np.uint8)
    if out.dtype != np.uint8 or out.shape != shape or not out.flags.c_contiguous:
        raise ValueError(f"out is {out.dtype} {out.shape}, not contiguous uint8 {shape}")
    return out


def _check_rows(rows: NDArray[np.float32]) -> None:
    if rows.dtype != np.float32 or rows.ndim != 2 or not rows.flags.c_contiguous:
        raise ValueError(f"rows are {rows.dtype} {rows.shape}, not contiguous float32 (n, columns)")


def _check_imatrix(imatrix: NDArray[np.float32], n_columns: int) -> None:
    if imatrix.dtype != np.float32 or imatrix.shape != (n_columns,):
        raise ValueError(f"imatrix is {imatrix.dtype} {imatrix.shape}, not float32 ({n_columns},)")
    if not imatrix.flags.c_contiguous:
        raise ValueError("the imatrix must be contiguous")


def _check_finite(
    type_: GGMLQuantizationType,
    rows: NDArray[np.float32],
    imatrix: NDArray[np.float32] | None,
) -> None:
    for name, values in (("weights", rows), ("importances", imatrix)):
        if values is not None and not np.isfinite(values).all():
            wrong = values.size - np.count_nonzero(np.isfinite(values))
            raise WeightsNotFinite(
                f"{type_.name} cannot hold NaN or infinity",
                f"{wrong} of {values.size} {name} are not finite.",
                "Choose a type of 4 bits or more for this tensor, or repair the model.",
            )


def _not_quantizable(type_: GGMLQuantizationType) -> NotQuantizable:
    return NotQuantizable(
        f"{type_.name} is no type for weights",
        "It holds intermediate results or whole numbers.",
        "Choose a type such as Q4_K, Q8_0 or F16.",
    )


@functools.cache
def _library() -> Any:
    """libggml-base, with the types of its functions declared."""
    path = library_path(_LIBRARY_NAMES)
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise _missing(f"{path} cannot be loaded: {error}") from error
    pointer, number = ctypes.c_void_p, ctypes.c_int64
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    library.ggml_quantize_chunk.argtypes = (
        ctypes.c_int, pointer, pointer, number, number, number, pointer,
    )  # fmt: skip
    library.ggml_quantize_requires_imatrix.restype = ctypes.c_bool
    library.ggml_quantize_requires_imatrix.argtypes = (ctypes.c_int,)
    library.ggml_quantize_free.restype = None
    library.ggml_quantize_free.argtypes = ()
    library.ggml_get_type_traits.restype = ctypes.POINTER(_Traits)
    library.ggml_get_type_traits.argtypes = (ctypes.c_int,)
    return library


def library_path(names: Sequence[str]) -> Path:
    """The first of some files beside llama_cpp's package that is there.

    The package is found but not imported: that would load it.

    Raises:
        QuantizerMissing: None is.
    """
    package = importlib.util.find_spec("llama_cpp")
    if package is None or package.origin is None:
        raise _missing("The package llama-cpp-python is not installed.")
    folder = Path(package.origin).parent / "lib"
    found = (folder / name for name in names if (folder / name).is_file())
    path = next(found, None)
    if path is None:
        raise _missing(f"None of {', '.join(names)} is in {folder}.")
    return path


def _missing(detail: str) -> QuantizerMissing:
    return QuantizerMissing(
        "The library that quantizes cannot be used", detail, "Install Conclave anew."
    )
