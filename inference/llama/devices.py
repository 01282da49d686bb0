"""The devices ggml can compute on, through functions that llama_cpp does not wrap."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

# Source: enum ggml_backend_dev_type in ggml/include/ggml-backend.h, ggml 0.25.3. Accelerators are
# BLAS and the like, which compute in system memory.
_CPU, _ACCELERATOR = 0, 3


class Devices:
    """Graphics devices: their names and memory.

    Args:
        llama_library: libllama, already loaded. Where the system resolves dependencies that way,
            ggml is reached through it: opening `libggml.so` by its file name would load a second
            device registry.
        folder: Where the libraries lie, for systems that resolve no dependencies (Windows).
    """

    def __init__(self, llama_library: ctypes.CDLL, folder: Path) -> None:
        if os.name == "nt":
            ggml = ctypes.CDLL(str(folder / "ggml.dll"))
            base = ctypes.CDLL(str(folder / "ggml-base.dll"))
        else:
            ggml = base = llama_library
        self._count = _declared(ggml.ggml_backend_dev_count, ctypes.c_size_t)
        self._get = _declared(ggml.ggml_backend_dev_get, ctypes.c_void_p, ctypes.c_size_t)
        device = ctypes.c_void_p
        self._description = _declared(base.ggml_backend_dev_description, ctypes.c_char_p, device)
        self._type = _declared(base.ggml_backend_dev_type, ctypes.c_int, device)
        size = ctypes.POINTER(ctypes.c_size_t)
        self._memory = _declared(base.ggml_backend_dev_memory, None, device, size, size)

    def describe(self) -> str:
        """What computes, as a person would name it."""
        names = [
            self._description(device).decode("utf-8", "replace") for device in self._graphics()
        ]
        return ", ".join(names) or "CPU"

    def free_bytes(self) -> int:
        """Free memory of all graphics devices."""
        return sum(self._free_bytes(device) for device in self._graphics())

    def _graphics(self) -> list[int]:
        devices = [self._get(index) for index in range(self._count())]
        return [device for device in devices if self._type(device) not in (_CPU, _ACCELERATOR)]

    def _free_bytes(self, device: int) -> int:
        free, capacity = ctypes.c_size_t(), ctypes.c_size_t()
        self._memory(device, ctypes.byref(free), ctypes.byref(capacity))
        return free.value


def _declared(function: Any, result: Any, *arguments: Any) -> Any:
    """A C function with its types, which ctypes does not know by itself."""
    function.restype = result
    function.argtypes = arguments
    return function
