"""Values of a GGUF header as bytes.

Source: https://github.com/ggml-org/ggml/blob/v0.9.4/docs/gguf.md (version 3, little-endian)
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from gguf import GGUFValueType

from converters.typed_value import TypedValue

Encoded = dict[str, bytes]
"""Metadata as it stands in a file: by key, the number of the type and the value behind it."""

_STRUCT = {
    GGUFValueType.UINT8: "<B", GGUFValueType.INT8: "<b", GGUFValueType.UINT16: "<H",
    GGUFValueType.INT16: "<h", GGUFValueType.UINT32: "<I", GGUFValueType.INT32: "<i",
    GGUFValueType.FLOAT32: "<f", GGUFValueType.BOOL: "<?", GGUFValueType.UINT64: "<Q",
    GGUFValueType.INT64: "<q", GGUFValueType.FLOAT64: "<d",
}  # fmt: skip
_LENGTH = struct.Struct("<Q")


def encode_all(metadata: Mapping[str, TypedValue]) -> Encoded:
    """All values of a header. Empty texts and arrays are left out, as `gguf` leaves them out.

    Raises:
        ValueError: A value does not fit its type; the key is named.
    """
    found: Encoded = {}
    for key, typed in metadata.items():
        try:
            is_sized = typed.type in (GGUFValueType.STRING, GGUFValueType.ARRAY)
            if not is_sized or len(_sized(typed)):
                found[key] = encode(typed)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ValueError(f"the value of {key} cannot be written: {error}") from error
    return found


def encode(typed: TypedValue) -> bytes:
    """A value behind the number of its type.

    Raises:
        ValueError: The value does not fit the type.
    """
    start = struct.pack("<I", typed.type)
    if typed.type != GGUFValueType.ARRAY:
        return start + _one(typed.type, typed.value)
    assert typed.element_type is not None
    values = _sized(typed)
    start += struct.pack("<IQ", typed.element_type, len(values))
    return start + _many(typed.element_type, values)


def text(value: str) -> bytes:
    """A text behind its length."""
    data = value.encode("utf-8")
    return _LENGTH.pack(len(data)) + data


def _one(type_: GGUFValueType, value: Any) -> bytes:
    if type_ == GGUFValueType.STRING:
        return text(value)
    try:
        return struct.pack(_STRUCT[type_], value)
    except struct.error as error:
        raise ValueError(f"{value!r} is no {type_.name}: {error}") from error


def _many(type_: GGUFValueType, values: Sequence[Any]) -> bytes:
    """Values one after the other; hundreds of thousands, where they are a vocabulary."""
    if type_ == GGUFValueType.STRING:
        data = [value.encode("utf-8") for value in values]
        lengths = map(_LENGTH.pack, map(len, data))
        return b"".join(chain.from_iterable(zip(lengths, data, strict=True)))
    try:
        return struct.pack(f"<{len(values)}{_STRUCT[type_][1:]}", *values)
    except struct.error:
        return b"".join(_one(type_, value) for value in values)  # which names the wrong one


def _sized(typed: TypedValue) -> Sequence[Any]:
    if not isinstance(typed.value, Sequence):
        raise TypeError(f"{typed.value!r} has no length")
    return typed.value
