"""Values of a GGUF header as bytes.

Source: https://github.com/ggml-org/ggml/blob/v0.9.4/docs/gguf.md (version 3, little-endian)
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
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


def encode_all(metadata: Mapping[str, TypedValue]) -> Encoded:
    """All values of a header. Empty texts and arrays are left out, as `gguf` leaves them out."""
    return {
        key: encode(typed)
        for key, typed in metadata.items()
        if not (
            typed.type in (GGUFValueType.STRING, GGUFValueType.ARRAY) and not len(_sized(typed))
        )
    }


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
    if typed.element_type == GGUFValueType.STRING:
        return start + b"".join(text(value) for value in values)
    return start + b"".join(_one(typed.element_type, value) for value in values)


def text(value: str) -> bytes:
    """A text behind its length."""
    data = value.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def _one(type_: GGUFValueType, value: Any) -> bytes:
    if type_ == GGUFValueType.STRING:
        return text(value)
    try:
        return struct.pack(_STRUCT[type_], value)
    except struct.error as error:
        raise ValueError(f"{value!r} is no {type_.name}: {error}") from error


def _is_empty(typed: TypedValue) -> bool:
    return typed.type in (GGUFValueType.STRING, GGUFValueType.ARRAY) and not len(_sized(typed))


def _sized(typed: TypedValue) -> Sequence[Any]:
    assert isinstance(typed.value, Sequence)
    return typed.value
