"""What a JSON schema means before it becomes a grammar: references, and whether it has an end.

Everything here either answers for certain or refuses with the place in the schema.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from inference.schema.json_keywords import (
    UNDERSTOOD,
    Schema,
    check_values,
    identity,
    refuse,
    types_of,
)
from inference.schema.json_merging import merged, options_of
from inference.schema.json_pattern import matches

MAX_STEPS = 20_000


def are_disjoint(one: Schema, other: Schema, document: SchemaDocument) -> bool:
    """Whether certainly no value fits both."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is False or other is False
    listed_one, listed_other = _listed(one), _listed(other)
    if listed_one is not None and listed_other is not None:
        return not set(map(identity, listed_one)) & set(map(identity, listed_other))
    kinds, others = set(types_of(one, "#")), set(types_of(other, "#"))
    common = (kinds & others) | ({"number"} if {"integer", "number"} <= kinds | others else set())
    if "type" in one and "type" in other and not common:
        return True
    if common != {"object"}:
        return False
    needed = set(one.get("required", ())) & set(other.get("required", ()))
    return any(
        are_disjoint(
            document.followed(one["properties"][name], "#"),
            document.followed(other["properties"][name], "#"),
            document,
        )
        for name in needed & one.get("properties", {}).keys() & other.get("properties", {}).keys()
    )


def _listed(schema: dict[str, Any]) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


class SchemaDocument:
    """The whole schema, in which references are looked up; it bounds the work that one causes."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self._steps = 0

    def rules_of(self, schema: dict[str, Any]) -> set[str]:
        """The keywords that restrict what is accepted."""
        return set(schema.keys() & UNDERSTOOD)

    def check_keywords(self, schema: Schema, path: str) -> None:
        """Refuse what is no schema, and keywords that a grammar cannot keep."""
        if not isinstance(schema, dict):
            raise refuse(path, "it is neither an object nor true or false")
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise refuse(path, "the schema is too large")
        check_values(schema, path)
        if "not" in schema:
            check_values(schema["not"], f"{path}/not")
            for index, part in enumerate(options_of(schema["not"])):
                check_values(part, f"{path}/not/anyOf/{index}")

    def resolve(self, ref: Any, path: str) -> Schema:
        """The schema that a reference within the document names."""
        if not isinstance(ref, str) or not (ref == "#" or ref.startswith("#/")):
            raise refuse(f"{path}/$ref", f"{ref!r} does not lie in this schema")
        found = self.root
        for part in ref.split("/")[1:]:
            key = unquote(part).replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            elif isinstance(found, dict) and key in found:
                found = found[key]
            else:
                raise refuse(f"{path}/$ref", f"{ref!r} is not there")
        return found

    def followed(self, schema: Schema, path: str) -> Schema:
        """A schema without a reference at its top."""
        for _ in range(100):
            if not isinstance(schema, bool):
                self.check_keywords(schema, path)
            if isinstance(schema, bool) or "$ref" not in schema:
                return schema
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = merged(rest, self.resolve(schema["$ref"], path), path)
        raise refuse(path, "its references go round in a circle")

    def check_ends(self) -> None:
        """Refuse a schema that only a value without end would fulfil."""
        if not self._ends(self.root, frozenset(), 0):
            raise refuse("#", "only a value without end could fulfil it")

    def _ends(self, schema: Schema, visiting: frozenset[str], depth: int) -> bool:
        if not isinstance(schema, dict) or depth > 200:
            return True
        self.check_keywords(schema, "#")
        parts = [part for part in self._needed_parts(schema) if isinstance(part, dict)]
        if "$ref" in schema:
            ref = schema["$ref"]
            if ref in visiting:
                return False
            if not self._ends(self.resolve(ref, "#"), visiting | {ref}, depth + 1):
                return False
        for keyword in ("anyOf", "oneOf"):
            options = schema.get(keyword, [True])
            if not any(self._ends(option, visiting, depth + 1) for option in options):
                return False
        return all(self._ends(part, visiting, depth + 1) for part in parts)

    def _needed_parts(self, schema: dict[str, Any]) -> list[Schema]:
        """The schemas of values that cannot be left out, where only one type is allowed."""
        kinds = schema.get("type", ["object", "array"])
        parts = list(schema.get("allOf", []))
        if kinds in ("object", ["object"]):
            for name in schema.get("required", []):
                parts += [schema.get("properties", {}).get(name)]
                patterns = schema.get("patternProperties", {})
                parts += [part for pattern, part in patterns.items() if matches(pattern, name)]
        if kinds in ("array", ["array"]) and schema.get("minItems", 0):
            parts.append(schema.get("items"))
        return parts
