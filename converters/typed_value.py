"""A value of a GGUF file's metadata together with the type it is stored as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gguf import GGUFValueType

Scalar = str | int | float | bool


@dataclass(frozen=True)
class TypedValue:
    """What stands behind one key.

    Attributes:
        value: One value, or for an array its elements.
        type: How it is stored.
        element_type: How the elements of an array are stored; None for one value.
    """

    value: Scalar | Sequence[Scalar]
    type: GGUFValueType
    element_type: GGUFValueType | None = None


def string(value: str) -> TypedValue:
    """A text in UTF-8."""
    return TypedValue(value, GGUFValueType.STRING)


def uint32(value: int) -> TypedValue:
    """An unsigned number."""
    return TypedValue(value, GGUFValueType.UINT32)


def boolean(value: bool) -> TypedValue:
    """Yes or no."""
    return TypedValue(value, GGUFValueType.BOOL)


def strings(values: Sequence[str]) -> TypedValue:
    """An array of texts."""
    return TypedValue(values, GGUFValueType.ARRAY, GGUFValueType.STRING)


def int32s(values: Sequence[int]) -> TypedValue:
    """An array of signed numbers."""
    return TypedValue(values, GGUFValueType.ARRAY, GGUFValueType.INT32)


def float32s(values: Sequence[float]) -> TypedValue:
    """An array of numbers in single precision."""
    return TypedValue(values, GGUFValueType.ARRAY, GGUFValueType.FLOAT32)
