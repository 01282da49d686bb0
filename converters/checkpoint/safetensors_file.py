"""One safetensors file: a header that is not believed, and tensors that are read in pieces.

A header is data from a stranger. All of it is checked before anything is read: names, types,
shapes, and that the tensors cover the file without overlapping. Files are read with positional
reads, never mapped, so that memory stays small and a shortened file is an error and not a signal.

Source: https://github.com/huggingface/safetensors/blob/v0.6.2/README.md#format
"""

from __future__ import annotations

import json
import math
import os
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from converters.errors import DamagedCheckpoint, NotACheckpoint, SourceChanged
from converters.positional import read_at

MAX_HEADER_BYTES = 100_000_000
"""The safetensors library refuses longer ones too."""
MAX_DIMENSIONS = 8
DTYPE_BITS = {
    "F64": 64, "F32": 32, "F16": 16, "BF16": 16, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8,
    "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U64": 64, "U32": 32, "U16": 16, "U8": 8, "BOOL": 8,
}  # fmt: skip
_DOWNLOAD_AGAIN = "Download the file again; if that does not help, the checkpoint is broken."


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor as it lies in a file; `offset` counts from the beginning of the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    n_bytes: int
    file: SafetensorsFile

    def read_bytes(self, first: int, count: int) -> NDArray[np.uint8]:
        """`count` bytes from byte `first` of the tensor on, in a new array."""
        if first < 0 or first + count > self.n_bytes:
            raise ValueError(f"bytes {first} to {first + count} of {self.n_bytes} in {self.name}")
        return self.file.read(self.offset + first, count, self.name)


class SafetensorsFile:
    """One file of a checkpoint. Its reading methods may be called from several threads.

    Args:
        path: The file.

    Raises:
        NotACheckpoint: It cannot be opened.
        DamagedCheckpoint: Its header is wrong, or it is shorter than its header says.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._descriptor = -1
        try:
            self._identity = _identity(path)
            header, data_start = _read_header(path)
        except OSError as error:
            raise NotACheckpoint(
                "A file of the checkpoint cannot be opened",
                f"{path}: {error.strerror or error}",
                "Check the path and its permissions.",
            ) from error
        entries = sorted(_entries(self, header, data_start), key=lambda tensor: tensor.name)
        _check_layout(path, entries, data_start, self.n_bytes)
        self.tensors = {tensor.name: tensor for tensor in entries}

    @property
    def n_bytes(self) -> int:
        """Size of the file when it was opened."""
        return self._identity[2]

    @property
    def identity(self) -> tuple[int, ...]:
        """Device, inode, size and time of change: what tells that the file is still the same."""
        return self._identity

    def read(self, offset: int, count: int, what: str) -> NDArray[np.uint8]:
        """Bytes of the file in a new array.

        Raises:
            SourceChanged: The file is no longer the one that was opened.
        """
        buffer = np.empty(count, dtype=np.uint8)
        try:
            got = read_at(self._open(), buffer.data, offset) if count else 0
        except OSError as error:
            raise self._changed(what, error.strerror or str(error)) from error
        if got != count:
            raise self._changed(what, f"it ended {count - got:,} bytes too early")
        self.check_unchanged(what)
        return buffer

    def check_unchanged(self, what: str = "") -> None:
        """Make sure that the path still leads to the file that was opened, as it was then.

        Raises:
            SourceChanged: It does not.
        """
        try:
            now = _identity(self.path)
        except OSError as error:
            raise self._changed(what, error.strerror or str(error)) from error
        if now != self._identity:
            raise self._changed(
                what, f"it had {self.n_bytes:,} bytes and has {now[2]:,}, or was written to"
            )

    def close(self) -> None:
        """Close the file; a later read opens it again."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def _open(self) -> int:
        with self._lock:
            if self._descriptor < 0:
                self._descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            return self._descriptor

    def _changed(self, what: str, reason: str) -> SourceChanged:
        where = f" (reading {what})" if what else ""
        return SourceChanged(
            "The checkpoint changed while it was read",
            f"{self.path.name}{where}: {reason}.",
            "Let the download finish, leave the files alone, and start again.",
        )


def _identity(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    """The header, and where the data begins."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(8)
        if len(start) < 8:
            raise _damaged(path, f"has {size:,} bytes, too few for a safetensors file")
        (length,) = struct.unpack("<Q", start)
        if length > MAX_HEADER_BYTES:
            raise _damaged(
                path,
                f"announces a header of {length:,} bytes; at most {MAX_HEADER_BYTES:,} are read",
            )
        if length > size - 8:
            raise _damaged(path, f"has {size:,} bytes, but its header alone takes {length:,}")
        text = file.read(length)
    try:
        header = json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"has a header that cannot be read: {error}") from error
    if not isinstance(header, dict):
        raise _damaged(path, "has a header that is no list of tensors")
    return header, 8 + length


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands there twice")
    return found


def _entries(
    file: SafetensorsFile, header: dict[str, Any], data_start: int
) -> Iterable[StoredTensor]:
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        problem = _entry_problem(entry)
        if problem:
            raise _damaged(file.path, f"describes the tensor {name!r} wrongly: {problem}")
        begin, end = entry["data_offsets"]
        yield StoredTensor(
            name, entry["dtype"], tuple(entry["shape"]), data_start + begin, end - begin, file
        )


def _entry_problem(entry: Any) -> str:
    """What is wrong with the description of one tensor; empty where nothing is."""
    if not isinstance(entry, dict):
        return "it is no object"
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not _are_counts(shape) or len(shape) > MAX_DIMENSIONS:
        return f"its shape is {shape!r}"
    if not _are_counts(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        return f"its offsets are {offsets!r}"
    if not isinstance(dtype, str) or dtype not in DTYPE_BITS:
        return f"its type {dtype!r} is unknown"
    expected = math.prod(shape) * DTYPE_BITS[dtype] // 8
    if offsets[1] - offsets[0] != expected:
        return f"its offsets give {offsets[1] - offsets[0]:,} bytes, its shape {expected:,}"
    return ""


def _are_counts(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)


def _check_layout(
    path: Path, tensors: list[StoredTensor], data_start: int, file_bytes: int
) -> None:
    """Make sure that the tensors follow one another from the header to the end of the file."""
    position, before = data_start, "the header"
    for tensor in sorted(tensors, key=lambda tensor: (tensor.offset, tensor.n_bytes)):
        if tensor.offset != position:
            relation = "overlaps" if tensor.offset < position else "leaves a gap behind"
            raise _damaged(path, f"is inconsistent: the tensor {tensor.name!r} {relation} {before}")
        position, before = tensor.offset + tensor.n_bytes, repr(tensor.name)
    if position > file_bytes:
        raise _damaged(
            path, f"is incomplete: it has {file_bytes:,} bytes, its header announces {position:,}"
        )
    if position < file_bytes:
        raise _damaged(path, f"has {file_bytes - position:,} bytes that belong to no tensor")


def _damaged(path: Path, problem: str) -> DamagedCheckpoint:
    return DamagedCheckpoint(
        "A file of the checkpoint is damaged", f"{path.name} {problem}.", _DOWNLOAD_AGAIN
    )
