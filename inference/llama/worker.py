"""Lends this machine's devices to engines on other machines, with ggml's RPC backend."""

from __future__ import annotations

import ctypes

import llama_cpp.llama_cpp as llama

from inference.llama.devices import Devices


def lend(endpoint: str, n_threads: int) -> bool:
    """Serve until the process ends; returns, False, only where that cannot begin."""
    llama.llama_backend_init()
    devices = Devices()
    start = devices.rpc_function(
        b"ggml_backend_rpc_start_server",
        None,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_size_t,
        ctypes.c_void_p,
    )
    handles = devices.all_for_worker()
    if start is None or not handles:
        return False
    array = (ctypes.c_void_p * len(handles))(*handles)
    start(endpoint.encode(), None, n_threads, len(handles), array)
    return False
