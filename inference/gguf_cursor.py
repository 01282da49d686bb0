"""Reads the values of a GGUF header one after the other, and believes no number it reads.

A header is data from a stranger: a count may name more values than the file has bytes. Nothing is
allocated for a value before the file was seen to contain it, and what no sound model has (a million
tensors, a key twice) ends the reading, so that a large file full of zeros cannot keep it busy.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass

from gguf import GGUFValueType

MAX_KEPT_ARRAY = 1024
"""Longer arrays (vocabularies) are skipped; only their length is kept."""
MAX_STRING_BYTES = 1 << 26
MAX_STRINGS = 1 << 22
"""Strings in one array; the largest vocabularies have some 300,000 tokens and 500,000 merges."""

Scalar = int | float | bool | str

_SCALARS: dict[GGUFValueType, struct.Struct] = {
    GGUFValueType.UINT8: struct.Struct("<B"),
    GGUFValueType.INT8: struct.Struct("<b"),
    GGUFValueType.UINT16: struct.Struct("<H"),
    GGUFValueType.INT16: struct.Struct("<h"),
    GGUFValueType.UINT32: struct.Struct("<I"),
    GGUFValueType.INT32: struct.Struct("<i"),
    GGUFValueType.FLOAT32: struct.Struct("<f"),
    GGUFValueType.BOOL: struct.Struct("<?"),
    GGUFValueType.UINT64: struct.Struct("<Q"),
    GGUFValueType.INT64: struct.Struct("<q"),
    GGUFValueType.FLOAT64: struct.Struct("<d"),
}


class Damaged(Exception):
    """The header says something that no sound file says."""


@dataclass(frozen=True, slots=True)
class SkippedArray:
    """An array that was too long to keep."""

    length: int


MetadataValue = Scalar | list[Scalar] | SkippedArray


class Cursor:
    """A place in the file that moves behind what was read.

    All methods raise `struct.error` where a value runs past the end of the file, and `Damaged`.
    """

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.position = 0

    def u32(self) -> int:
        """An unsigned number of 4 bytes."""
        return int(self._scalar(GGUFValueType.UINT32))

    def u64(self) -> int:
        """An unsigned number of 8 bytes."""
        return int(self._scalar(GGUFValueType.UINT64))

    def count(self, what: str, limit: int) -> int:
        """A number of things of which there are never more than `limit`."""
        count = self.u64()
        if count > limit:
            raise Damaged(f"it announces {count:,} {what}")
        return count

    def string(self) -> str:
        """A text; what is not UTF-8 is replaced."""
        start = self._pass_string()
        return self._data[start : self.position].decode("utf-8", errors="replace")

    def skip(self, n_bytes: int) -> None:
        """Move on without reading."""
        if self.position + n_bytes > len(self._data):
            raise struct.error("value runs past the end of the file")
        self.position += n_bytes

    def value(self) -> MetadataValue:
        """A metadata value, after the number that tells its type."""
        kind = self._kind()
        return self._array() if kind == GGUFValueType.ARRAY else self._value(kind)

    def _kind(self) -> GGUFValueType:
        number = self.u32()
        try:
            return GGUFValueType(number)
        except ValueError:
            raise Damaged(f"unknown value type {number}") from None

    def _scalar(self, kind: GGUFValueType) -> Scalar:
        layout = _SCALARS[kind]
        (value,) = layout.unpack_from(self._data, self.position)
        self.position += layout.size
        return value  # type: ignore[no-any-return]

    def _value(self, kind: GGUFValueType) -> Scalar:
        return self.string() if kind == GGUFValueType.STRING else self._scalar(kind)

    def _pass_string(self) -> int:
        length = self.count("bytes for one text", MAX_STRING_BYTES)
        start = self.position
        self.skip(length)
        return start

    def _array(self) -> list[Scalar] | SkippedArray:
        kind = self._kind()
        if kind == GGUFValueType.ARRAY:
            raise Damaged("an array of arrays")
        if kind == GGUFValueType.STRING:
            length = self.count("texts in one array", MAX_STRINGS)
        else:
            length = self.u64()
        if length <= MAX_KEPT_ARRAY:
            return [self._value(kind) for _ in range(length)]
        if kind == GGUFValueType.STRING:
            for _ in range(length):
                self._pass_string()
        else:
            self.skip(length * _SCALARS[kind].size)
        return SkippedArray(length)
