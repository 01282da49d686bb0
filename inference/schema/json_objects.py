"""The inside of a JSON object in GBNF: which members follow each other, and where commas stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from inference.schema import gbnf


def written(value: Any) -> str:
    """A value as JSON, in the spelling that models use most; half a surrogate pair is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    is_whole = text == text.encode("utf-8", "replace").decode()
    return text if is_whole else json.dumps(value)


@dataclass(frozen=True, slots=True)
class Member:
    """One property: its name, the rule of its value, and whether it must be there."""

    name: str
    rule: str
    is_needed: bool

    @property
    def pair(self) -> str:
        """Name and value, in GBNF."""
        return f'{gbnf.literal(written(self.name))} ws ":" ws {self.rule}'


def members(known: Sequence[Member], other: str, add_rule: Callable[[str, str], str]) -> str:
    """Members in their order, those that are not needed left out at will.

    Args:
        known: The properties that have a name.
        other: The rule of any further member; empty where there can be none.
        add_rule: Adds a rule of a kind with a body, returns its name. One rule a member keeps the
            grammar as long as the schema, although any choice of members can be written.
    """
    comma = 'ws "," ws'
    rest = f"({comma} {other})*" if other else '""'
    first = f"({other} {rest})?" if other else '""'
    for member in reversed(known):
        behind = add_rule("rest", rest)
        if member.is_needed:
            rest = f"{comma} {member.pair} {behind}"
            first = f"{member.pair} {behind}"
        else:
            rest = f"({comma} {member.pair})? {behind}"
            skipped = add_rule("first", first)
            first = f"({member.pair} {behind} | {skipped})"
    return first
