"""What a JSON schema means before it becomes a grammar: references, combination, types.

Everything here either answers for certain or refuses with the place in the schema.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from inference.errors import BadSchema

Schema = Any
"""An object, true or false; as JSON has it, so anything until it is checked."""

_REMARKS = {
    "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default",
    "examples", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding",
    "discriminator", "nullable",
}  # fmt: skip
_BY_TYPE = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "array": {"items", "prefixItems", "additionalItems", "minItems", "maxItems"},
    "object": {"properties", "required", "additionalProperties"},
    "boolean": set(),
    "null": set(),
}
_UNDERSTOOD = {"type", "const", "enum", "$ref", "allOf", "anyOf", "oneOf"}.union(*_BY_TYPE.values())
_REFUSED = {
    "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies",
    "patternProperties", "propertyNames", "minProperties", "maxProperties", "contains",
    "minContains", "maxContains", "uniqueItems", "multipleOf", "unevaluatedProperties",
    "unevaluatedItems", "$dynamicRef", "$recursiveRef",
}  # fmt: skip
_LENGTHS = dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), int)
_LIMITS = dict.fromkeys(
    ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (int, float)
)
_LISTS = dict.fromkeys(("required", "enum", "prefixItems", "allOf", "anyOf", "oneOf"), list)
_KINDS: dict[str, Any] = {
    "$ref": str, "pattern": str, "format": str, "properties": dict,
    **_LENGTHS, **_LIMITS, **_LISTS,
}  # fmt: skip
"""What Python makes of the values that keywords have."""
MAX_STEPS = 20_000
_HARMLESS = (("uniqueItems", False), ("minProperties", 0), ("minContains", 0))


def refuse(path: str, reason: str) -> BadSchema:
    """The error for a place in the schema."""
    return BadSchema(
        "The JSON schema cannot be used", f"{path}: {reason}.", "Change the schema at this place."
    )


def types_of(schema: dict[str, Any], path: str) -> list[str]:
    """The types a schema allows; one that names none has those that its keywords are about.

    Returns:
        Names of types; an empty name stands for any value.
    """
    named = schema.get("type")
    if named is None:
        fitting = [kind for kind, keys in _BY_TYPE.items() if keys & schema.keys()]
        if "integer" in fitting:
            fitting.remove("integer")
        return fitting or [""]
    kinds = named if isinstance(named, list) else [named]
    for kind in kinds:
        if not isinstance(kind, str) or kind not in _BY_TYPE:
            raise refuse(f"{path}/type", f"there is no type {kind!r}")
    if not kinds:
        raise refuse(f"{path}/type", "it allows nothing")
    return list(dict.fromkeys(kinds))


def merged(one: Schema, other: Schema, path: str) -> Schema:
    """A schema that accepts what both accept."""
    if one is True or other is True:
        return other if one is True else one
    if one is False or other is False:
        return False
    both = {**one, **other}
    for key in one.keys() & other.keys() - _REMARKS:
        if key == "required":
            both[key] = [*one[key], *other[key]]
        elif key == "properties":
            both[key] = {**one[key], **other[key]}
            for name in one[key].keys() & other[key].keys():
                both[key][name] = merged(one[key][name], other[key][name], f"{path}/{name}")
        elif one[key] != other[key]:
            raise refuse(path, f"two different values of {key} cannot be combined")
    for mine, theirs in ((one, other), (other, one)):
        limits = mine.get("additionalProperties", True) is not True
        if limits and theirs.get("properties", {}).keys() - mine.get("properties", {}).keys():
            raise refuse(path, "additionalProperties cannot be combined with other properties")
    return both


def are_disjoint(one: Schema, other: Schema, document: SchemaDocument) -> bool:
    """Whether certainly no value fits both."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is False or other is False
    listed_one, listed_other = _listed(one), _listed(other)
    if listed_one is not None and listed_other is not None:
        return not any(value in listed_other for value in listed_one)
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
        return set(schema.keys() & _UNDERSTOOD)

    def check_keywords(self, schema: Schema, path: str) -> None:
        """Refuse what is no schema, and keywords that a grammar cannot keep."""
        if not isinstance(schema, dict):
            raise refuse(path, "it is neither an object nor true or false")
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise refuse(path, "the schema is too large")
        for key in schema.keys() & _REFUSED:
            if (key, schema[key]) not in _HARMLESS:
                raise refuse(f"{path}/{key}", "this keyword is not supported")
        for key in schema.keys() & _KINDS.keys():
            value = schema[key]
            if not isinstance(value, _KINDS[key]) or isinstance(value, bool):
                raise refuse(f"{path}/{key}", f"{value!r} is not a value for this keyword")
        for key in schema.keys() & {"enum", "allOf", "anyOf", "oneOf"}:
            if not schema[key]:
                raise refuse(f"{path}/{key}", "it is empty, so nothing fulfils it")
        if not all(isinstance(name, str) for name in schema.get("required", ())):
            raise refuse(f"{path}/required", "it is not a list of names")

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
        if kinds in ("object", ["object"]) and "properties" in schema:
            needed = schema.get("required", [])
            parts += [part for name, part in schema["properties"].items() if name in needed]
        if kinds in ("array", ["array"]) and schema.get("minItems", 0):
            parts.append(schema.get("items"))
        return parts
