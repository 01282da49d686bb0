"""Limits in JSON schemas: of lengths, and of numbers."""

from __future__ import annotations

from typing import Any

from inference.schema import gbnf
from inference.schema.json_resolved import refuse

MAX_REPEATS = 2000
"""The longest repetition that llama.cpp's grammars allow."""


def bounds(schema: dict[str, Any], low: str, high: str, path: str) -> tuple[int, int | None]:
    """The least and the greatest length, the latter no more than a grammar can count."""
    least, most = schema.get(low, 0), schema.get(high)
    for name, value in ((low, least), (high, most)):
        if value is not None and value < 0:
            raise refuse(f"{path}/{name}", f"{value!r} is not a length")
    if most is not None and most < least:
        raise refuse(path, f"{high} {most} is less than {low} {least}")
    if least > MAX_REPEATS:
        raise refuse(f"{path}/{low}", f"a grammar counts to {MAX_REPEATS:,} only")
    return least, None if most is None else min(most, MAX_REPEATS)


def number(kind: str, schema: dict[str, Any], path: str) -> str:
    """A number within the limits of its schema, in GBNF."""
    low, above = _limit(schema, "minimum", "exclusiveMinimum", max, path)
    high, below = _limit(schema, "maximum", "exclusiveMaximum", min, path)
    if low is None and high is None:
        return kind
    if kind == "integer":
        low = None if low is None else low + above
        high = None if high is None else high - below
        above = below = False
    if low is not None and high is not None and (low > high or (low == high and (above or below))):
        raise refuse(path, "no number is within these limits")
    if kind == "integer":
        return gbnf.integer(low, high)
    return gbnf.number(low, high, above=above, below=below)


def _limit(
    schema: dict[str, Any], name: str, exclusive: str, stricter: Any, path: str
) -> tuple[int | None, bool]:
    """A limit and whether it is outside itself; the stricter one where both are given."""
    found = []
    for key in (name, exclusive):
        value = schema.get(key)
        if value is None:
            continue
        if value != int(value):
            raise refuse(f"{path}/{key}", f"{value!r} is not a whole number; others cannot be kept")
        found.append((int(value), key == exclusive))
    if not found:
        return None, False
    bound = stricter(value for value, _ in found)
    return bound, any(is_out for value, is_out in found if value == bound)
