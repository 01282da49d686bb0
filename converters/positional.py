"""Reading and writing at a place in a file, from many threads, without moving a file position.

Where the system lacks `pread` and `pwrite` (Windows), a lock and `seek` take their place.
"""

from __future__ import annotations

import os
import threading

_seek_locks: dict[int, threading.Lock] = {}


def read_at(descriptor: int, buffer: memoryview, offset: int) -> int:
    """Fill `buffer` from `offset` on.

    Returns:
        How many bytes were read; fewer than asked for only at the end of the file.
    """
    done = 0
    while done < len(buffer):
        count = _read_some(descriptor, buffer[done:], offset + done)
        if count == 0:
            break
        done += count
    return done


def write_at(descriptor: int, data: memoryview, offset: int) -> None:
    """Write all of `data` at `offset`."""
    done = 0
    while done < len(data):
        done += _write_some(descriptor, data[done:], offset + done)


def _read_some(descriptor: int, buffer: memoryview, offset: int) -> int:
    if hasattr(os, "preadv"):
        return os.preadv(descriptor, [buffer], offset)
    if hasattr(os, "pread"):
        data = os.pread(descriptor, len(buffer), offset)
    else:
        with _lock_of(descriptor):
            os.lseek(descriptor, offset, os.SEEK_SET)
            data = os.read(descriptor, len(buffer))
    buffer[: len(data)] = data
    return len(data)


def _write_some(descriptor: int, data: memoryview, offset: int) -> int:
    if hasattr(os, "pwrite"):
        return os.pwrite(descriptor, data, offset)
    with _lock_of(descriptor):
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.write(descriptor, data)


def _lock_of(descriptor: int) -> threading.Lock:
    return _seek_locks.setdefault(descriptor, threading.Lock())
