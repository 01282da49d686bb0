"""Limits in JSON schemas: of lengths, and of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from inference.schema import gbnf
from inference.schema.json_keywords import is_of, refuse
from inference.schema.json_listed import Excluded
from inference.schema.json_multiples import Limits, Multiples

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
    """A number within the limits of its schema, in GBNF; `multiples` are apart."""
    low, above = _whole(_limit(schema, "minimum", "exclusiveMinimum", max), path)
    high, below = _whole(_limit(schema, "maximum", "exclusiveMaximum", min), path)
    excluded = sorted({value for value in Excluded.of(schema).values if is_of(value, "number")})
    if low is None and high is None and not excluded:
        return kind
    spans = []
    for value in excluded:
        if _is_inside(value, low, high):
            is_whole = value == math.floor(value)
            spans.append((low, math.floor(value), above, is_whole))
            low, above = math.ceil(value), is_whole
    spans.append((low, high, above, below))
    written = [text for span in spans if (text := _span(kind, *span))]
    if not written:
        raise refuse(path, "no number is within these limits")
    return gbnf.any_of(written)


def _is_inside(value: float, low: int | None, high: int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _span(kind: str, low: int | None, high: int | None, above: bool, below: bool) -> str:
    """Numbers between whole bounds, which may be left out themselves; empty where there are none.

    Beside an excluded number that is not whole, all up to the next whole ones are left out.
    """
    if kind == "integer":
        low = None if low is None else low + above
        high = None if high is None else high - below
        above = below = False
    if low is not None and high is not None and (low > high or (low == high and (above or below))):
        return ""
    if kind == "integer":
        return gbnf.integer(low, high)
    return gbnf.number(low, high, above=above, below=below)


def multiples(kind: str, schema: dict[str, Any], path: str) -> Multiples:
    """The multiples of `multipleOf` within the other limits; the schema has it."""
    if any(is_of(value, "number") for value in Excluded.of(schema).values):
        raise refuse(path, "multipleOf cannot be combined with numbers that are left out")
    low, above, _ = _limit(schema, "minimum", "exclusiveMinimum", max)
    high, below, _ = _limit(schema, "maximum", "exclusiveMaximum", min)
    try:
        return Multiples.of(
            Decimal(str(schema["multipleOf"])),
            Limits(low, high, above=above, below=below),
            only_whole=kind == "integer",
        )
    except ValueError as error:
        raise refuse(f"{path}/multipleOf", str(error)) from error


def _whole(limit: tuple[Decimal | None, bool, str], path: str) -> tuple[int | None, bool]:
    value, is_out, key = limit
    if value is not None and value != int(value):
        reason = f"{value} is not a whole number; others are kept beside multipleOf only"
        raise refuse(f"{path}/{key}", reason)
    return None if value is None else int(value), is_out


def _limit(
    schema: dict[str, Any], name: str, exclusive: str, stricter: Callable[..., Decimal]
) -> tuple[Decimal | None, bool, str]:
    """A limit, whether it is outside itself, and its keyword; the stricter one of two."""
    found = {key: Decimal(str(schema[key])) for key in (name, exclusive) if key in schema}
    if not found:
        return None, False, name
    bound = stricter(found.values())
    key = exclusive if found.get(exclusive) == bound else name
    return bound, key == exclusive, key
