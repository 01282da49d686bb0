"""16-bit floats by the vector instructions of the processor, which libggml-cpu knows how to use.

libggml-base and numpy turn them one by one. Where this build of libggml-cpu lacks a function, or
where its numbers are not those of the others in a trial, the others do the work.
"""

from __future__ import annotations

import ctypes
import functools
import logging
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.errors import QuantizerMissing
from converters.quantization import ggml

_NAMES = ("libggml-cpu.so.0", "libggml-cpu.so", "libggml-cpu.0.dylib", "libggml-cpu.dylib",
          "ggml-cpu.dll")  # fmt: skip
_INFINITY, _SIGN = 0x7C00, 0x8000
_log = logging.getLogger(__name__)


def quantize_f16(rows: NDArray[np.float32], out: NDArray[np.uint8]) -> None:
    """Round to float16 as ggml does.

    Args:
        rows: (n_rows, n_columns), contiguous.
        out: Where the bytes go, (n_rows, 2 * n_columns), contiguous.
    """
    convert = _functions()
    halves = out.view(np.uint16)
    if convert is not None and rows.size:
        convert[0](rows.ctypes.data, out.ctypes.data, rows.size)
        # Of what is no number the bits are ggml's own.
        if halves.max() < _INFINITY | _SIGN and halves.view(np.int16).max() < _INFINITY:
            return
    ggml.quantize_rows(GGMLQuantizationType.F16, rows, out=out)


def floats_of_halves(halves: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The values of finite 16-bit floats.

    Args:
        halves: Their bits, any shape, contiguous.

    Returns:
        The same shape.
    """
    convert = _functions()
    if convert is None:
        return halves.view(np.float16).astype(np.float32)
    floats = np.empty(halves.shape, np.float32)
    convert[1](halves.ctypes.data, floats.ctypes.data, halves.size)
    return floats


@functools.cache
def _functions() -> tuple[Any, Any] | None:
    """What turns float32 to float16, and back; None where it cannot be used."""
    try:
        library = ctypes.CDLL(str(ggml.library_path(_NAMES)))
        functions = library.ggml_cpu_fp32_to_fp16, library.ggml_cpu_fp16_to_fp32
    except (OSError, AttributeError, QuantizerMissing) as error:
        _log.info("float16 is made one by one: %s", error)
        return None
    for function in functions:
        function.restype = None
        function.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    if not _are_right(*functions):
        _log.warning("float16 is made one by one: this build of libggml-cpu makes other numbers")
        return None
    return functions


def _are_right(narrow: Any, widen: Any) -> bool:
    """Try them on every finite float16, and on what lies between two of them."""
    halves = np.arange(1 << 16, dtype=np.uint16)
    halves = halves[halves & _INFINITY != _INFINITY]
    floats = halves.view(np.float16).astype(np.float32)
    found = np.empty_like(floats)
    widen(halves.ctypes.data, found.ctypes.data, halves.size)
    between = floats[:-1] + (floats[1:] - floats[:-1]) / np.float32(2)
    near = [np.nextafter(between, np.float32(side)) for side in (-np.inf, np.inf)]
    rows = np.concatenate([floats, between, *near])[None]
    out = np.empty((1, 2 * rows.size), np.uint8)
    narrow(rows.ctypes.data, out.ctypes.data, rows.size)
    expected = ggml.quantize_rows(GGMLQuantizationType.F16, rows)
    return np.array_equal(found.view(np.uint32), floats.view(np.uint32)) and np.array_equal(
        out, expected
    )
