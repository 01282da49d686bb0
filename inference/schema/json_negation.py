"""What a schema does not accept, as schemas that a grammar can follow.

"Not all of these" becomes "one of them not", down to single keywords: what is not longer than four
characters is no string, or has five or more. Alternatives may overlap; where a keyword has no
opposite that a grammar could follow, that is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inference.errors import BadSchema
from inference.schema.json_keywords import KINDS, Schema, refuse, types_of
from inference.schema.json_merging import merged
from inference.schema.json_resolved import SchemaDocument

Opposite = Callable[..., list[Schema]]
"""Of one keyword: takes the schema, the document, the place and the depth."""
_MAX_DEPTH = 30
_MAX_ALTERNATIVES = 100
_OTHER_LIMIT = {
    "minimum": "exclusiveMaximum",
    "maximum": "exclusiveMinimum",
    "exclusiveMinimum": "maximum",
    "exclusiveMaximum": "minimum",
}


def negated(schema: Schema, document: SchemaDocument, path: str, depth: int = 0) -> list[Schema]:
    """Schemas of which at least one holds exactly where this one does not.

    Values that no schema here can tell from accepted ones are left out: whole numbers are part of
    all numbers, so those that are not whole count as numbers too.

    Raises:
        BadSchema: A keyword has no opposite that a grammar can follow.
    """
    if depth > _MAX_DEPTH:
        raise refuse(path, "it is nested too deeply")
    schema = document.followed(schema, path)
    if isinstance(schema, bool):
        return [] if schema else [True]
    found: list[Schema] = []
    for keyword in sorted(document.rules_of(schema)):
        opposite = _OPPOSITES.get(keyword)
        if opposite is None:
            raise refuse(f"{path}/{keyword}", f"a grammar cannot follow the opposite of {keyword}")
        found += opposite(schema, document, path, depth)
    return found


def _not_type(schema: dict[str, Any], _document: SchemaDocument, path: str, _: int) -> list[Schema]:
    kinds = set(types_of(schema, path))
    if "integer" in kinds:
        kinds.add("number")
    left = [kind for kind in KINDS if kind not in kinds]
    return [{"type": left}] if left else []


def _not_listed(schema: dict[str, Any], *_: object) -> list[Schema]:
    values = [schema["const"]] if "const" in schema else schema["enum"]
    return [{"not": {"enum": values}}]


def _not_limit(keyword: str) -> Opposite:
    def opposite(schema: dict[str, Any], *_: object) -> list[Schema]:
        return [{"type": "number", _OTHER_LIMIT[keyword]: schema[keyword]}]

    return opposite


def _not_least(kind: str, least: str, most: str) -> Opposite:
    def opposite(schema: dict[str, Any], *_: object) -> list[Schema]:
        return [{"type": kind, most: schema[least] - 1}] if schema[least] > 0 else []

    return opposite


def _not_most(kind: str, least: str, most: str) -> Opposite:
    def opposite(schema: dict[str, Any], *_: object) -> list[Schema]:
        return [{"type": kind, least: schema[most] + 1}]

    return opposite


def _not_pattern(schema: dict[str, Any], *_: object) -> list[Schema]:
    return [{"type": "string", "not": {"pattern": schema["pattern"]}}]


def _not_required(schema: dict[str, Any], *_: object) -> list[Schema]:
    return [{"type": "object", "properties": {name: False}} for name in schema["required"]]


def _not_properties(
    schema: dict[str, Any], document: SchemaDocument, path: str, depth: int
) -> list[Schema]:
    return [
        {"type": "object", "properties": {name: other}, "required": [name]}
        for name, part in schema["properties"].items()
        for other in negated(part, document, f"{path}/properties/{name}", depth + 1)
    ]


def _not_all(
    schema: dict[str, Any], document: SchemaDocument, path: str, depth: int
) -> list[Schema]:
    return [
        other
        for index, part in enumerate(schema["allOf"])
        for other in negated(part, document, f"{path}/allOf/{index}", depth + 1)
    ]


def _not_any(
    schema: dict[str, Any], document: SchemaDocument, path: str, depth: int
) -> list[Schema]:
    """None of them: one opposite of each, in every choice that does not exclude itself."""
    choices: list[Schema] = [True]
    for index, part in enumerate(schema["anyOf"]):
        place = f"{path}/anyOf/{index}"
        opposites = negated(part, document, place, depth + 1)
        choices = [
            both for choice in choices for one in opposites for both in _both(choice, one, place)
        ]
        if len(choices) > _MAX_ALTERNATIVES:
            raise refuse(path, f"its opposite has more than {_MAX_ALTERNATIVES} alternatives")
    return choices


def _both(one: Schema, other: Schema, path: str) -> list[Schema]:
    try:
        return [merged(one, other, path)]
    except BadSchema:
        return []


def _not_not(schema: dict[str, Any], *_: object) -> list[Schema]:
    return [schema["not"]]


_OPPOSITES: dict[str, Opposite] = {
    "type": _not_type,
    "const": _not_listed,
    "enum": _not_listed,
    **{keyword: _not_limit(keyword) for keyword in _OTHER_LIMIT},
    "minLength": _not_least("string", "minLength", "maxLength"),
    "maxLength": _not_most("string", "minLength", "maxLength"),
    "minItems": _not_least("array", "minItems", "maxItems"),
    "maxItems": _not_most("array", "minItems", "maxItems"),
    "pattern": _not_pattern,
    "required": _not_required,
    "properties": _not_properties,
    "allOf": _not_all,
    "anyOf": _not_any,
    "not": _not_not,
}
