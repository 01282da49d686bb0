"""The keywords of JSON schemas: which are understood, their values, what they say of types.

Source: https://json-schema.org/draft/2020-12 (core and validation)
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import Any

from inference.errors import BadSchema

Schema = Any
"""An object, true or false; as JSON has it, so anything until it is checked."""
KINDS = ("object", "array", "string", "number", "boolean", "null")
"""The types that have nothing in common."""

REMARKS = {
    "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default",
    "examples", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentEncoding",
    "discriminator", "nullable",
}  # fmt: skip
_BY_TYPE = {
    "string": {"minLength", "maxLength", "pattern", "format"},
    "integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
    "array": {"items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems"},
    "object": {"properties", "required", "additionalProperties", "patternProperties"},
    "boolean": set(),
    "null": set(),
}
UNDERSTOOD = {"type", "const", "enum", "$ref", "allOf", "anyOf", "oneOf", "not"}.union(
    *_BY_TYPE.values()
)
REFUSED = {
    "if", "then", "else", "dependentRequired", "dependentSchemas", "dependencies",
    "propertyNames", "minProperties", "maxProperties", "contains",
    "minContains", "maxContains", "unevaluatedProperties",
    "unevaluatedItems", "$dynamicRef", "$recursiveRef",
}  # fmt: skip
_LENGTHS = dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), int)
_LIMITS = dict.fromkeys(
    ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), (int, float)
)
_LISTS = dict.fromkeys(("required", "enum", "prefixItems", "allOf", "anyOf", "oneOf"), list)
_KINDS: dict[str, Any] = {
    "$ref": str, "pattern": str, "format": str, "properties": dict,
    "patternProperties": dict,
    **_LENGTHS, **_LIMITS, **_LISTS,
}  # fmt: skip
"""What Python makes of the values that keywords have."""
_HARMLESS = (("minProperties", 0), ("minContains", 0))


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
        return fitting or (list(KINDS) if "not" in schema else [""])
    kinds = named if isinstance(named, list) else [named]
    for kind in kinds:
        if not isinstance(kind, str) or kind not in _BY_TYPE:
            raise refuse(f"{path}/type", f"there is no type {kind!r}")
    if not kinds:
        raise refuse(f"{path}/type", "it allows nothing")
    return list(dict.fromkeys(kinds))


def check_values(schema: Schema, path: str) -> None:
    """Refuse what is no schema, keywords that a grammar cannot keep, values a keyword cannot have.

    Raises:
        BadSchema: With the place.
    """
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        raise refuse(path, "it is neither an object nor true or false")
    for key in schema.keys() & REFUSED:
        if (key, schema[key]) not in _HARMLESS:
            raise refuse(f"{path}/{key}", "this keyword is not supported")
    for key in schema.keys() & _KINDS.keys():
        value = schema[key]
        if not isinstance(value, _KINDS[key]) or isinstance(value, bool):
            raise refuse(f"{path}/{key}", f"{value!r} is not a value for this keyword")
    for key in schema.keys() & _LIMITS.keys():
        if not math.isfinite(schema[key]):
            raise refuse(f"{path}/{key}", "it is too large")
    if not isinstance(schema.get("uniqueItems", False), bool):
        raise refuse(f"{path}/uniqueItems", "it is neither true nor false")
    if schema.get("multipleOf", 1) <= 0:
        raise refuse(f"{path}/multipleOf", f"{schema['multipleOf']!r} is not more than 0")
    for key in schema.keys() & {"enum", "allOf", "anyOf", "oneOf"}:
        if not schema[key]:
            raise refuse(f"{path}/{key}", "it is empty, so nothing fulfils it")
    if not all(isinstance(name, str) for name in schema.get("required", ())):
        raise refuse(f"{path}/required", "it is not a list of names")


def identity(value: Any) -> Hashable:
    """What two values have in common exactly where JSON schema takes them as equal."""
    match value:
        case bool() | None | str():
            return type(value).__name__, value
        case list():
            return "array", tuple(map(identity, value))
        case dict():
            return "object", frozenset((name, identity(part)) for name, part in value.items())
        case _:
            return "number", value


def is_of(value: Any, kind: str) -> bool:
    """Whether a value is of a type of JSON schema; the empty type is any."""
    if isinstance(value, bool):
        return kind in ("", "boolean")
    names = {str: ("string",), int: ("integer", "number"), list: ("array",), dict: ("object",)}
    if isinstance(value, float):
        return kind in ("", "number") or (kind == "integer" and value.is_integer())
    return kind == "" or kind in (names.get(type(value)) or ("null",))
