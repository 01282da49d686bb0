"""How the C library keeps memory that was freed; on other systems than Linux nothing is done."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT_BYTES = 32 << 20


def give_back() -> None:
    """Return freed memory to the system: glibc keeps the 150 MB that a large tokenizer took."""
    if trim := _function("malloc_trim"):
        trim(0)


def keep_freed() -> None:
    """Keep freed memory for the next array of the same size.

    By itself glibc hands arrays of a megabyte back to the system, which then fills each new one
    with zeros, page by page: for a copy that takes as long as copying.

    Source: https://man7.org/linux/man-pages/man3/mallopt.3.html (glibc takes at most 32 MB)
    """
    if option := _function("mallopt"):
        option(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        option(_M_TRIM_THRESHOLD, 4 * _KEPT_BYTES)


def _function(name: str) -> ctypes._NamedFuncPointer | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
