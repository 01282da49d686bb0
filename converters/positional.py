"""Reading and writing at a place in a file, from many threads, without moving a file position.

Where Linux can, what passes through need not stay in the page cache.

Where the system lacks `pread` and `pwrite` (Windows), a lock and `seek` take their place.
"""

from __future__ import annotations

import errno
import os
import re
import threading

_seek_locks: dict[int, threading.Lock] = {}
_RWF_DONTCACHE = 0x80
_SINCE = (6, 16)
"""Of Linux; 6.14 has it too, but could lose a page that two writes share."""


def uncached_flag(descriptor: int) -> int:
    """The flag of reads and writes that makes pages leave the cache when the disk has them.

    Writing then begins at once and takes no more memory than is on its way to the disk. Pages that
    were in the cache before stay there.

    Source: https://man7.org/linux/man-pages/man2/preadv2.2.html (RWF_DONTCACHE)

    Returns:
        0 where the system or the file system lacks it.
    """
    release = re.match(r"(\d+)\.(\d+)", os.uname().release) if hasattr(os, "uname") else None
    if not hasattr(os, "RWF_NOWAIT") or release is None or (*map(int, release.groups()),) < _SINCE:
        return 0
    try:
        os.preadv(descriptor, [bytearray(1)], 0, _RWF_DONTCACHE)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EINVAL):
            return 0
        raise
    return _RWF_DONTCACHE


def read_at(descriptor: int, buffer: memoryview, offset: int, flags: int = 0) -> int:
    """Fill `buffer` from `offset` on.

    Args:
        descriptor: The file.
        buffer: Where the bytes go.
        offset: Of the first one.
        flags: What `uncached_flag` said of this file, or 0.

    Returns:
        How many bytes were read; fewer than asked for only at the end of the file.
    """
    done = 0
    while done < len(buffer):
        count = _read_some(descriptor, buffer[done:], offset + done, flags)
        if count == 0:
            break
        done += count
    return done


def write_at(descriptor: int, data: memoryview, offset: int, flags: int = 0) -> None:
    """Write all of `data` at `offset`; for `flags` see `read_at`."""
    done = 0
    while done < len(data):
        done += _write_some(descriptor, data[done:], offset + done, flags)


def _read_some(descriptor: int, buffer: memoryview, offset: int, flags: int) -> int:
    if hasattr(os, "preadv"):
        return os.preadv(descriptor, [buffer], offset, flags)
    if hasattr(os, "pread"):
        data = os.pread(descriptor, len(buffer), offset)
    else:
        with _lock_of(descriptor):
            os.lseek(descriptor, offset, os.SEEK_SET)
            data = os.read(descriptor, len(buffer))
    buffer[: len(data)] = data
    return len(data)


def _write_some(descriptor: int, data: memoryview, offset: int, flags: int) -> int:
    if flags:
        return os.pwritev(descriptor, [data], offset, flags)
    if hasattr(os, "pwrite"):
        return os.pwrite(descriptor, data, offset)
    with _lock_of(descriptor):
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.write(descriptor, data)


def _lock_of(descriptor: int) -> threading.Lock:
    return _seek_locks.setdefault(descriptor, threading.Lock())
