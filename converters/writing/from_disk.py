"""Reading a file from the disk and not from the memory that the system keeps of it."""

from __future__ import annotations

import mmap
import os
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from converters.positional import read_at

_PAGE = 4096
"""Direct reads begin and end at multiples of it, in the file and in memory."""


class FromDisk:
    """A file that others write; may be read by several threads.

    Where the system or the file system has no direct reads, what is in memory is read.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._own = threading.local()
        self._is_direct = True
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
        try:
            self._descriptor = os.open(path, flags | os.O_DIRECT)
        except (AttributeError, OSError):  # there is no such flag, or it is refused
            self._is_direct = False
            self._descriptor = os.open(path, flags)

    def read(self, offset: int, n_bytes: int) -> NDArray[np.uint8]:
        """Bytes of the file, fewer at its end; they hold until this thread's next read.

        Raises:
            OSError: The system refuses.
        """
        start = offset // _PAGE * _PAGE if self._is_direct else offset
        end = -(-(offset + n_bytes) // _PAGE) * _PAGE if self._is_direct else offset + n_bytes
        buffer = self._buffer(end - start)
        got = read_at(self._descriptor, memoryview(buffer)[: end - start], start)
        return np.frombuffer(buffer, np.uint8)[offset - start : min(got, offset - start + n_bytes)]

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)

    def _buffer(self, n_bytes: int) -> mmap.mmap:
        """Memory of this thread's that begins at a page."""
        buffer: mmap.mmap | None = getattr(self._own, "buffer", None)
        if buffer is None or len(buffer) < n_bytes:
            buffer = self._own.buffer = mmap.mmap(-1, n_bytes)
        return buffer
