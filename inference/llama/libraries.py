"""ggml's libraries, for functions that llama_cpp does not wrap.

Where the system resolves dependencies that way, ggml is reached through libllama, which is loaded
already: opening `libggml.so` by its file name would load a second registry of devices.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama


def ggml() -> ctypes.CDLL:
    """The registry of backends and devices."""
    return _opened("ggml.dll")


def ggml_base() -> ctypes.CDLL:
    """Tensors, buffers, and what can be asked of one device."""
    return _opened("ggml-base.dll")


@cache
def _opened(name_on_windows: str) -> ctypes.CDLL:
    if os.name != "nt":
        loaded: ctypes.CDLL = llama._lib
        return loaded
    return ctypes.CDLL(str(Path(llama.__file__).parent / "lib" / name_on_windows))


def declared(function: Any, result: Any, *arguments: Any) -> Any:
    """A C function with its types, which ctypes does not know by itself."""
    function.restype = result
    function.argtypes = arguments
    return function


def tensor_reader() -> Any:
    """ggml_backend_tensor_get: address of a tensor, of a buffer, offset and size in bytes."""
    size = ctypes.c_size_t
    function = ggml_base().ggml_backend_tensor_get
    return declared(function, None, ctypes.c_void_p, ctypes.c_void_p, size, size)
