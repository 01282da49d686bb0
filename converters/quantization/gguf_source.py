"""A GGUF file, or all parts of a split one, as keys and tensors that can be written anew."""

from __future__ import annotations

import mmap
import os
import threading
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType

from converters.errors import NotQuantizable, SourceChanged
from converters.positional import read_at
from converters.quantization.ggml import QUANTIZABLE, dequantize_rows, row_size
from converters.tensors import PackedRows, Rows, SourceDtype, TensorSource
from converters.writing.encoding import Encoded
from inference.gguf_cursor import Cursor
from inference.gguf_header import GgufHeader, TensorInfo, read_header

_SPLIT_KEYS = ("split.no", "split.count", "split.tensors.count")
_HEADER_START = 8
"""Bytes of magic and version."""


class GgufModel:
    """A model in GGUF.

    Args:
        path: Its file, or the first of its parts.

    Raises:
        ModelError: It is none, or is not whole.
    """

    def __init__(self, path: Path) -> None:
        self.header = read_header(path)
        self.metadata = _encoded_metadata(path)
        parts = [(path, self._own_tensors()), *_further(self.header)]
        self.files = tuple(GgufFile(part) for part, _ in parts)
        self.tensors: dict[str, TensorSource] = {
            info.name: GgufTensor(info, file)
            for file, (_, tensors) in zip(self.files, parts, strict=True)
            for info in tensors
        }

    @property
    def identity(self) -> str:
        """Tells these files, as they are now, from all others."""
        return repr([(file.path.name, file.identity) for file in self.files])

    def close(self) -> None:
        """Close all files."""
        for file in self.files:
            file.close()

    def _own_tensors(self) -> tuple[TensorInfo, ...]:
        n_others = sum(len(part.tensors) for part in self.header.further_parts)
        return self.header.tensors[: len(self.header.tensors) - n_others]


class GgufFile:
    """One file, read at any place from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data_start = _data_start(path)
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self.identity = _identity(path)
        self._lock = threading.Lock()

    def read(self, offset: int, count: int, what: str) -> PackedRows:
        """Bytes behind the header in a new array.

        Raises:
            SourceChanged: The file is no longer the one that was opened.
        """
        buffer = np.empty(count, dtype=np.uint8)
        try:
            got = read_at(self._descriptor, buffer.data, self.data_start + offset)
            now = _identity(self.path)
        except OSError as error:
            raise self._changed(what, error.strerror or str(error)) from error
        if got != count or now != self.identity:
            raise self._changed(what, f"it has {now[2]:,} bytes now, or was written to")
        return buffer

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._descriptor = -1

    def _changed(self, what: str, reason: str) -> SourceChanged:
        return SourceChanged(
            "The model file changed while it was read",
            f"{self.path.name} (reading {what}): {reason}.",
            "Leave the file alone and start again.",
        )


class GgufTensor(TensorSource):
    """A tensor of a GGUF file."""

    def __init__(self, info: TensorInfo, file: GgufFile) -> None:
        self._info, self._file = info, file
        self.shape = info.shape[::-1]
        self.packed_type = _type_of(info)
        self.dtype = _DTYPES.get(self.packed_type, SourceDtype.F32)
        self.must_stay_packed = (
            self.packed_type == GGMLQuantizationType.MXFP4 or self.packed_type not in QUANTIZABLE
        )
        if self.packed_type in QUANTIZABLE:
            self._row_bytes = row_size(self.packed_type, self.n_columns)
        else:
            _, size = gguf.GGML_QUANT_SIZES[self.packed_type]
            self._row_bytes = size * self.n_columns

    def read_rows(self, first: int, count: int) -> Rows:
        """Rows, as in every source."""
        return dequantize_rows(self.packed_type, self.read_packed(first, count), self.n_columns)

    def read_packed(self, first: int, count: int) -> PackedRows:
        """Rows as they stand in the file."""
        start = self._info.offset + first * self._row_bytes
        data = self._file.read(start, count * self._row_bytes, self._info.name)
        return data.reshape(count, self._row_bytes)


def _type_of(info: TensorInfo) -> GGMLQuantizationType:
    try:
        return GGMLQuantizationType(info.type_id)
    except ValueError:
        raise NotQuantizable(
            "A tensor is of a type that cannot be read",
            f"{info.name} is of type number {info.type_id}.",
            "A newer version of Conclave may know it; begin with an F16 or BF16 version.",
        ) from None


def _further(header: GgufHeader) -> list[tuple[Path, tuple[TensorInfo, ...]]]:
    return [(part.path, part.tensors) for part in header.further_parts]


def _data_start(path: Path) -> int:
    """Where the tensors of one file begin."""
    with path.open("rb") as file, _mapped(file.fileno()) as data:
        cursor = Cursor(data)
        n_tensors, n_keys = _counts(cursor)
        alignment = 32
        for _ in range(n_keys):
            key, value = cursor.string(), cursor.value()
            if key == "general.alignment" and isinstance(value, int):
                alignment = value
        for _ in range(n_tensors):
            cursor.string()
            cursor.skip(cursor.u32() * 8 + 12)
    return -(-cursor.position // alignment) * alignment


def _encoded_metadata(path: Path) -> Encoded:
    """Keys and values as they stand in the file, without those of a split model."""
    found: Encoded = {}
    with path.open("rb") as file, _mapped(file.fileno()) as data:
        cursor = Cursor(data)
        _, n_keys = _counts(cursor)
        for _ in range(n_keys):
            key = cursor.string()
            start = cursor.position
            cursor.value()
            found[key] = data[start : cursor.position]
    return {key: value for key, value in found.items() if key not in _SPLIT_KEYS}


def _counts(cursor: Cursor) -> tuple[int, int]:
    """Tensors and keys that a header, which was checked before, announces."""
    cursor.skip(_HEADER_START)
    return cursor.u64(), cursor.u64()


def _mapped(descriptor: int) -> mmap.mmap:
    return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)


def _identity(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


_DTYPES = {
    GGMLQuantizationType.F16: SourceDtype.F16,
    GGMLQuantizationType.BF16: SourceDtype.BF16,
}
