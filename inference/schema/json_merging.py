"""Two JSON schemas as one that accepts what both accept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inference.schema.json_keywords import REMARKS, Schema, check_values, identity, refuse, types_of

_STRICTER: dict[str, Callable[..., Any]] = {
    "minimum": max, "exclusiveMinimum": max, "minLength": max, "minItems": max,
    "maximum": min, "exclusiveMaximum": min, "maxLength": min, "maxItems": min,
}  # fmt: skip


def merged(one: Schema, other: Schema, path: str) -> Schema:
    """A schema that accepts what both accept.

    Raises:
        BadSchema: There is none, or it could not be told.
    """
    if one is True or other is True:
        return other if one is True else one
    if one is False or other is False:
        return False
    check_values(one, path)
    check_values(other, path)
    both = {**one, **other}
    for key in one.keys() & other.keys() - REMARKS:
        if identity(one[key]) != identity(other[key]):
            both[key] = _combined(key, one[key], other[key], path)
    for mine, theirs in ((one, other), (other, one)):
        if mine.get("additionalProperties", True) is not True and _names_more(theirs, mine):
            raise refuse(path, "additionalProperties cannot be combined with other properties")
    return both


def _combined(key: str, mine: Any, theirs: Any, path: str) -> Any:
    """The value of a keyword for two that differ."""
    if key in _STRICTER:
        return _STRICTER[key](mine, theirs)
    match key:
        case "required":
            return [*mine, *theirs]
        case "type":
            return _types(mine, theirs, path)
        case "properties" | "patternProperties":
            common = {
                name: merged(mine[name], theirs[name], f"{path}/{name}")
                for name in mine.keys() & theirs.keys()
            }
            return {**mine, **theirs, **common}
        case "enum":
            return _listed(mine, theirs, path)
        case "not":
            return {"anyOf": [*options_of(mine), *options_of(theirs)]}
        case "uniqueItems":
            return True
    raise refuse(path, f"two different values of {key} cannot be combined")


def _types(mine: Any, theirs: Any, path: str) -> list[str]:
    kinds, others = types_of({"type": mine}, path), types_of({"type": theirs}, path)
    if "number" in kinds:
        kinds = [*kinds, "integer"]
    if "number" in others:
        others = [*others, "integer"]
    common = [kind for kind in dict.fromkeys(kinds) if kind in others]
    if not common:
        raise refuse(path, "two different values of type exclude each other")
    return [kind for kind in common if kind != "integer" or "number" not in common]


def _listed(mine: list[Any], theirs: list[Any], path: str) -> list[Any]:
    known = set(map(identity, theirs))
    common = [value for value in mine if identity(value) in known]
    if not common:
        raise refuse(path, "two lists of values have none in common")
    return common


def options_of(schema: Schema) -> list[Schema]:
    """The alternatives of a schema that is nothing but those; else itself."""
    is_choice = isinstance(schema, dict) and schema.keys() == {"anyOf"}
    return list(schema["anyOf"]) if is_choice else [schema]


def _names_more(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether it has members of which the other does not know; one that is forbidden is none."""
    names = {name for name, part in one.get("properties", {}).items() if part is not False}
    patterns = one.get("patternProperties", {}).keys() - other.get("patternProperties", {}).keys()
    return bool(patterns or names - other.get("properties", {}).keys())
