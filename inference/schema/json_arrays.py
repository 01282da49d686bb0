"""The inside of a JSON array in GBNF: fixed items, others, and items that all differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from inference.schema import gbnf

MAX_DIFFERENT = 8
"""Values that can be told apart by a grammar: it needs a rule for each set of them."""
_COMMA = 'ws "," ws'


def items(heads: Sequence[str], item: str, least: int, more: int | None) -> str:
    """Fixed items first; others may follow.

    Args:
        heads: The rules of the fixed ones.
        item: The rule of the others; empty where there are none.
        least: So many there must be, with the fixed ones.
        more: So many others there may be; None has no end.
    """
    tail = ""
    left = max(0, least - len(heads))
    if item and heads:
        tail = gbnf.repeated(f"({_COMMA} {item})", left, more)
    elif item:
        others = None if more is None else more - 1
        tail = f"{item} {gbnf.repeated(f'({_COMMA} {item})', max(0, left - 1), others)} "
        return tail if left else f"({tail})? "
    for index in range(len(heads) - 1, -1, -1):
        one = f"{heads[index]} {tail}" if index == 0 else f"{_COMMA} {heads[index]} {tail}"
        tail = one if index < least else f"({one})?"
    return f"{tail} "


def different(
    values: Sequence[str], least: int, most: int, add_rule: Callable[[str, str], str]
) -> str:
    """From `least` to `most` of these values in any order, none of them twice.

    Args:
        values: As they are written in JSON, at most `MAX_DIFFERENT`.
        least: Not more than there are.
        most: The same.
        add_rule: Adds a rule of a kind with a body, returns its name.
    """

    @cache
    def behind(used: frozenset[str]) -> str:
        options = ['""'] if len(used) >= least else []
        if len(used) < most:
            comma = f"{_COMMA} " if used else ""
            options += [
                f"{comma}{gbnf.literal(value)} {behind(used | {value})}"
                for value in values
                if value not in used
            ]
        return add_rule("different", " | ".join(options))

    return f"{behind(frozenset())} "
