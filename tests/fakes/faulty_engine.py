"""The real engine's process with a fault in it, at a certain place.

Usage: `python -m tests.fakes.faulty_engine ORDER`. ORDER is a file; whenever it exists it holds
"PHASE FAULT", where PHASE is load, prefill or decode and FAULT is kill, abort or memory. It is
removed when the fault happens, so each happens once.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import psutil

from app.child import child_command
from inference.child import main

_BLOCKS = (1 << 20, 1 << 14, 1 << 10, 1 << 8, 1 << 6)


def with_faults(order: Path) -> None:
    """Let the two functions that do all the work look at the order first."""
    load, decode = llama.llama_model_load_from_file, llama.llama_decode

    def faulty_load(path: bytes, params: Any) -> Any:
        is_measurement = params.no_alloc
        return call(order, "" if is_measurement else "load", lambda: load(path, params))

    def faulty_decode(context: int, batch: Any) -> Any:
        phase = "decode" if batch.n_tokens == 1 else "prefill"
        return call(order, phase, lambda: decode(context, batch))

    llama.llama_model_load_from_file, llama.llama_decode = faulty_load, faulty_decode


def call(order: Path, phase: str, function: Callable[[], Any]) -> Any:
    wanted, _, fault = order.read_text().partition(" ") if order.exists() else ("", "", "")
    if not phase or wanted != phase:
        return function()
    order.unlink()
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "abort":
        llama._lib.ggml_abort(b"model.cpp", 42, b"GGML_ASSERT(%s) failed", b"seeded")
    with no_memory_left():
        return function()


@contextmanager
def no_memory_left() -> Iterator[None]:
    """The system refuses all further memory, and what the allocator still holds is used up."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = (ctypes.c_size_t,)
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms, before[1]))
    for size in _BLOCKS:
        while libc.malloc(size):
            pass
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


if __name__ == "__main__":
    with_faults(Path(sys.argv[1]))
    main(child_command("template"))
