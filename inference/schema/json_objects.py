"""The inside of a JSON object in GBNF: which members it can have, and where commas stand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from inference.errors import BadSchema
from inference.schema import gbnf
from inference.schema.json_keywords import Schema, refuse
from inference.schema.json_merging import merged
from inference.schema.json_pattern import ANYTHING, followed
from inference.schema.json_strings import all_of
from inference.schema.language import Language, Not, word

MAX_PATTERNS = 4
"""Of `patternProperties`: names are told apart by which of them they match."""


def written(value: Any) -> str:
    """A value as JSON, in the spelling that models use most; half a surrogate pair is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    is_whole = text == text.encode("utf-8", "replace").decode()
    return text if is_whole else json.dumps(value)


@dataclass(frozen=True, slots=True)
class Property:
    """A member by its name: the schema of its value, where that stands, whether it is needed."""

    name: str
    schema: Schema
    path: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Others:
    """Members that have no name of their own in the schema.

    Args:
        names: Their names; None for all but those of properties.
        schema: Of their values.
        path: Where that stands.
    """

    names: Language | None
    schema: Schema
    path: str


class ObjectSchema:
    """What the schema of an object says of its members.

    Raises:
        BadSchema: It asks for what it forbids, or for more than a grammar can keep.
    """

    def __init__(self, schema: dict[str, Any], path: str) -> None:
        self._path = path
        self._patterns: dict[str, Schema] = schema.get("patternProperties", {})
        if len(self._patterns) > MAX_PATTERNS:
            raise refuse(
                f"{path}/patternProperties",
                f"it has {len(self._patterns)} patterns; {MAX_PATTERNS} are possible",
            )
        place = f"{path}/patternProperties"
        self._languages = {
            pattern: followed(pattern, f"{place}/{pointer(pattern)}") for pattern in self._patterns
        }
        properties = schema.get("properties", {})
        allowed = any(part is not False for part in properties.values())
        self._rest: Schema | None = schema.get(
            "additionalProperties", None if allowed or self._patterns else True
        )
        self._all = {**properties, **self._needed_beside(schema, properties)}
        needed = schema.get("required", [])
        self.names = list(self._all)
        self.properties = [
            Property(name, value, f"{path}/properties/{pointer(name)}", name in needed)
            for name in self.names
            if (value := self._value(name, properties)) is not False or name in needed
        ]

    def _needed_beside(self, schema: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
        """Members that must be there and are not described."""
        missing = [name for name in schema.get("required", []) if name not in properties]
        for name in missing:
            if self._rest is False and not self._matching(name):
                raise refuse(f"{self._path}/required", f"{name!r} is required but not allowed")
        return dict.fromkeys(missing, True)

    def _matching(self, name: str) -> list[str]:
        return [pattern for pattern, words in self._languages.items() if words.holds(name)]

    def _value(self, name: str, properties: dict[str, Any]) -> Schema:
        """All that is said of a member's value."""
        matching = self._matching(name)
        beside = True if self._rest is None or matching else self._rest
        value = properties.get(name, beside)
        for pattern in matching:
            place = f"{self._path}/patternProperties/{pointer(pattern)}"
            value = merged(value, self._patterns[pattern], place)
        return value

    def others(self) -> Iterator[Others]:
        """Members with other names; those that two patterns forbid each other are left out."""
        if not self._patterns:
            if self._rest is not None and self._rest is not False:
                yield Others(None, self._rest, f"{self._path}/additionalProperties")
            return
        named = [Not(word(name)) for name in self.names]
        patterns = list(self._patterns)
        for count in range(1, len(patterns) + 1):
            for chosen in combinations(patterns, count):
                place = f"{self._path}/patternProperties/{pointer(chosen[-1])}"
                value = self._together(chosen, place)
                if value is not False:
                    yield Others(all_of([*self._matched(chosen), *named]), value, place)
        if self._rest is not None and self._rest is not False:
            names = all_of([ANYTHING, *self._matched(()), *named])
            yield Others(names, self._rest, f"{self._path}/additionalProperties")

    def _together(self, patterns: Sequence[str], path: str) -> Schema:
        value: Schema = True
        try:
            for pattern in patterns:
                value = merged(value, self._patterns[pattern], path)
        except BadSchema:
            return False
        return value

    def _matched(self, patterns: Sequence[str]) -> list[Language]:
        """Names that match these patterns and no other."""
        return [
            language if pattern in patterns else Not(language)
            for pattern, language in self._languages.items()
        ]


def pointer(name: str) -> str:
    """A name as part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


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
