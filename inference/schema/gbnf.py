"""Pieces of GBNF, llama.cpp's notation for grammars: literals, classes, numbers, keys.

They describe text inside JSON; which piece stands where is `json_schema`'s.

Source: grammars/README.md of llama.cpp, as of llama-cpp-python 0.3.36
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_DIGITS = 16
"""Numbers end somewhere, even where a model would go on for ever."""
MAX_CODE_POINT = 0x10FFFF

Ranges = list[tuple[int, int]]
"""Code points from first to last, in order and not overlapping."""

PLAIN: Ranges = [(0x20, 0x21), (0x23, 0x5B), (0x5D, 0x7E), (0x80, 0xD7FF), (0xE000, MAX_CODE_POINT)]
"""What stands for itself inside a JSON string; white space of other kinds is escaped."""


def literal(text: str) -> str:
    """Exactly this text."""
    return '"' + "".join(_in_quotes(char) for char in text) + '"'


def _in_quotes(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else f"\\U{ord(char):08X}"


def any_of(options: Iterable[str]) -> str:
    """One of several, in brackets where there is more than one."""
    listed = list(options)
    return listed[0] if len(listed) == 1 else f"({' | '.join(listed)})"


def char_class(ranges: Ranges) -> str:
    """One character out of these."""
    return "[" + "".join(_span(first, last) for first, last in ranges) + "]"


def _span(first: int, last: int) -> str:
    return f"\\U{first:08X}" if first == last else f"\\U{first:08X}-\\U{last:08X}"


def without(ranges: Ranges, removed: Ranges) -> Ranges:
    """What is left of code points when others are taken away."""
    left = list(ranges)
    for low, high in removed:
        left = [
            part
            for first, last in left
            for part in ((first, min(last, low - 1)), (max(first, high + 1), last))
            if part[0] <= part[1]
        ]
    return left


def united(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Code points in order, with ranges that touch each other as one."""
    found: Ranges = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def overlap(one: Ranges, other: Ranges) -> Ranges:
    """The code points that are in both."""
    return without(one, without([(0, MAX_CODE_POINT)], other))


def repeated(item: str, least: int, most: int | None) -> str:
    """An item from `least` to `most` times; None has no end."""
    return f"{item}{{{least},{'' if most is None else most}}}" if most != 0 else '""'


# Numbers


def natural(low: int, high: int | None) -> str:
    """A number from `low`, which is not negative, to `high`; at most `MAX_DIGITS` long."""
    last = "9" * max(MAX_DIGITS, len(str(low))) if high is None else str(high)
    first = str(low)
    options = []
    while len(first) < len(last):
        options.append(_same_length(first, "9" * len(first)))
        first = "1" + "0" * len(first)
        if high is None:  # all longer ones at once
            options.append(f"[1-9] [0-9]{{{len(first) - 1},{len(last) - 1}}}")
            return any_of(options)
    return any_of([*options, _same_length(first, last)])


def _same_length(low: str, high: str) -> str:
    """Numbers of as many digits as both bounds have."""
    if low == high:
        return literal(low)
    rest = len(low) - 1
    first, last = int(low[0]), int(high[0])
    if first == last:
        return f'"{first}" {_same_length(low[1:], high[1:])}'
    before, after = [], []
    if low[1:] != "0" * rest:
        before = [f'"{first}" {_same_length(low[1:], "9" * rest)}']
        first += 1
    if high[1:] != "9" * rest:
        after = [f'"{last}" {_same_length("0" * rest, high[1:])}']
        last -= 1
    digits = f" [0-9]{{{rest}}}" if rest else ""
    between = [f"[{first}-{last}]{digits}"] if first <= last else []
    return any_of([*before, *between, *after])


def integer(low: int | None, high: int | None) -> str:
    """A whole number between the bounds, both included; None has no bound."""
    options = []
    if low is None or low < 0:
        nearest = 1 if high is None or high >= 0 else -high
        options.append(f'"-" {natural(nearest, None if low is None else -low)}')
    if high is None or high >= 0:
        options.append(natural(max(low or 0, 0), high))
    return any_of(options)


_FRACTION = f'("." [0-9]{{1,{MAX_DIGITS}}})?'
_ABOVE = f'"." [0-9]{{0,{MAX_DIGITS}}} [1-9]'


def number(low: int | None, high: int | None, *, above: bool, below: bool) -> str:
    """A number between whole bounds.

    Args:
        low: The least, None for no bound.
        high: The largest.
        above: `low` itself does not belong to it.
        below: `high` itself does not belong to it.
    """
    options = []
    if low is None or low < 0:
        reaches_zero = high is None or high > 0 or (high == 0 and not below)
        nearest = 0 if high is None or high >= 0 else -high
        farthest = None if low is None else -low
        at_zero = not reaches_zero and nearest == 0
        options += _magnitudes(nearest, farthest, at_zero or (nearest > 0 and below), above)
        options = [f'"-" {option}' for option in options]
    if high is None or high > 0 or (high == 0 and not below):
        nearest = max(low or 0, 0)
        is_bound = low is not None and low >= 0
        options += _magnitudes(nearest, high, is_bound and above, below)
    return any_of(options)


def _magnitudes(low: int, high: int | None, above: bool, below: bool) -> list[str]:
    """Numbers without a sign from `low` to `high`, as alternatives."""
    if low == high:
        return [literal(str(low))]
    options = []
    if above:
        options.append(f'"{low}" {_ABOVE}')
        low += 1
    if high is None or low < high:
        options.append(f"{natural(low, None if high is None else high - 1)} {_FRACTION}")
    if high is not None and not below:
        options.append(literal(str(high)))
    return options


# Keys


def other_than(words: Sequence[str]) -> str:
    """The inside of a string that is none of these; it needs no escapes."""
    by_first: dict[str, list[str]] = {}
    for word in words:
        if word:
            by_first.setdefault(word[0], []).append(word[1:])
    options = [f"{literal(first)} {other_than(rest)}" for first, rest in sorted(by_first.items())]
    taken = [(ord(first), ord(first)) for first in by_first]
    options.append(f"{char_class(without(PLAIN, taken))} plain*")
    if "" not in words:
        options.append('""')
    return any_of(options)
