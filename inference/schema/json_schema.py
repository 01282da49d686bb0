"""A JSON schema as a GBNF grammar: every text of the grammar is JSON that the schema accepts.

The grammar may be narrower than the schema: properties come in the schema's order, others only
where `additionalProperties` asks for them, strings have at most 2,000 characters where a
length is given. What it cannot express is an error that names the place; it is never left out
silently. `format` follows the standard: one that is not known is a remark.

Source: https://json-schema.org/draft/2020-12 (core and validation)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from inference.schema import gbnf
from inference.schema.json_limits import bounds, number
from inference.schema.json_objects import Member, members, written
from inference.schema.json_pattern import pattern_to_gbnf
from inference.schema.json_resolved import (
    Schema,
    SchemaDocument,
    are_disjoint,
    merged,
    refuse,
    types_of,
)

MAX_DEPTH = 60
MAX_GRAMMAR_CHARS = 200_000

_BASE = {
    "ws": r'| " " | "\n" [ ]{0,20}',
    "plain": gbnf.char_class(gbnf.PLAIN),
    "escape": r'"\\" (["\\/bfnrt] | "u" ([0-9a-cefA-CEF] [0-9a-fA-F] | [dD] [0-7]) [0-9a-fA-F]{2})',
    "char": "plain | escape",
    "string": r'"\"" char* "\""',
    "integer": gbnf.integer(None, None),
    "number": '"-"? ([0-9] | [1-9] [0-9]{1,15}) ("." [0-9]{1,16})? ([eE] [-+]? [0-9]{1,2})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "array": '"[" ws (value (ws "," ws value)*)? ws "]"',
    "object": '"{" ws (pair (ws "," ws pair)*)? ws "}"',
    "pair": 'string ws ":" ws value',
    "value": "object | array | string | number | boolean | null",
}

# Days by month; the 29th of February is left out, for it is not in every year.
_DATE = (
    '[0-9]{3} [1-9] "-" (("0" [13578] | "10" | "12") "-" ("0" [1-9] | [12] [0-9] | "3" [01])'
    ' | ("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30")'
    ' | "02-" ("0" [1-9] | "1" [0-9] | "2" [0-8]))'
)
_HOURS = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]'
_TIME = f'{_HOURS} ":" [0-5] [0-9] ("." [0-9]{{3}})? ("Z" | [+-] {_HOURS})'
_HEX = "[0-9a-f]"
_FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f'{_DATE} "T" {_TIME}',
    "uuid": f'{_HEX}{{8}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{4}} "-" {_HEX}{{12}}',
}


def schema_to_gbnf(schema: str) -> str:
    """The grammar of a JSON schema.

    Args:
        schema: The schema as JSON text.

    Raises:
        BadSchema: It is no JSON, cannot be fulfilled, or asks for what a grammar cannot express.
    """
    try:
        document = json.loads(schema, parse_constant=_no_json)
    except (ValueError, RecursionError) as error:
        raise refuse("#", f"it is not JSON: {error}") from error
    return _Grammar(SchemaDocument(document)).text()


def _no_json(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class _Grammar:
    """Collects rules while it walks through a schema."""

    def __init__(self, document: SchemaDocument) -> None:
        self._document = document
        self._rules = dict(_BASE)
        self._rule_of_ref: dict[str, str] = {}

    def text(self) -> str:
        """The whole grammar."""
        self._document.check_ends()
        self._rules["root"] = self._visit(self._document.root, "#", frozenset(), 0)
        text = "\n".join(f"{name} ::= {body}" for name, body in self._rules.items())
        if len(text) > MAX_GRAMMAR_CHARS:
            raise refuse("#", f"it makes a grammar of more than {MAX_GRAMMAR_CHARS:,} characters")
        return text

    def _rule(self, kind: str, body: str) -> str:
        name = f"{kind}-{len(self._rules)}"
        self._rules[name] = body
        return name

    def _visit(self, schema: Schema, path: str, open_refs: frozenset[str], depth: int) -> str:
        """What the schema accepts, in GBNF.

        Args:
            schema: The schema or a part of it.
            path: Where it stands, for errors.
            open_refs: The references that led here without any character in between.
            depth: How deep it is nested.
        """
        if depth > MAX_DEPTH:
            raise refuse(path, f"it is nested more than {MAX_DEPTH} deep")
        if schema is True:
            return "value"
        if schema is False:
            raise refuse(path, "false accepts nothing")
        self._document.check_keywords(schema, path)
        if "$ref" in schema and len(self._document.rules_of(schema)) == 1:
            return self._reference(schema["$ref"], path, open_refs, depth)
        for keyword in ("$ref", "allOf", "anyOf", "oneOf"):
            if keyword in schema:
                return self._combined(schema, keyword, path, open_refs, depth)
        if "const" in schema or "enum" in schema:
            return self._listed(schema, path)
        kinds = types_of(schema, path)
        return gbnf.any_of(
            self._of_type(kind, schema, path, depth) if kind else "value" for kind in kinds
        )

    def _reference(self, ref: str, path: str, open_refs: frozenset[str], depth: int) -> str:
        target = self._document.resolve(ref, path)
        if ref in open_refs:
            raise refuse(path, f"{ref} refers to itself with nothing in between")
        if ref not in self._rule_of_ref:
            name = f"ref-{len(self._rule_of_ref)}"
            self._rule_of_ref[ref] = name
            self._rules[name] = '""'  # keeps its place
            self._rules[name] = self._visit(target, ref, open_refs | {ref}, depth + 1)
        return self._rule_of_ref[ref]

    def _combined(
        self, schema: dict[str, Any], keyword: str, path: str, open_refs: frozenset[str], depth: int
    ) -> str:
        """A schema with parts that hold together with the rest of it."""
        rest = {key: value for key, value in schema.items() if key != keyword}
        if keyword == "$ref":
            ref = schema["$ref"]
            if ref in open_refs:
                raise refuse(path, f"{ref} refers to itself with nothing in between")
            whole = merged(rest, self._document.resolve(ref, path), path)
            return self._visit(whole, path, open_refs | {ref}, depth + 1)
        parts = schema[keyword]
        if keyword == "allOf":
            for index, part in enumerate(parts):
                full = self._document.followed(part, f"{path}/allOf/{index}")
                rest = merged(rest, full, f"{path}/allOf/{index}")
            return self._visit(rest, path, open_refs, depth + 1)
        if keyword == "oneOf":
            self._check_exclusive(parts, path)
        return gbnf.any_of(
            self._visit(
                self._with(rest, part, f"{path}/{keyword}/{index}"),
                f"{path}/{keyword}/{index}",
                open_refs,
                depth + 1,
            )
            for index, part in enumerate(parts)
        )

    def _with(self, rest: dict[str, Any], part: Schema, path: str) -> Schema:
        """One alternative together with what stands beside the alternatives."""
        if not self._document.rules_of(rest):
            return part
        return merged(rest, self._document.followed(part, path), path)

    def _check_exclusive(self, parts: Sequence[Schema], path: str) -> None:
        followed = [
            self._document.followed(part, f"{path}/oneOf/{index}")
            for index, part in enumerate(parts)
        ]
        for index, part in enumerate(followed):
            for other in range(index):
                if not are_disjoint(part, followed[other], self._document):
                    raise refuse(
                        f"{path}/oneOf",
                        f"alternatives {other} and {index} may both hold; use anyOf",
                    )

    def _listed(self, schema: dict[str, Any], path: str) -> str:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        if "const" in schema and "enum" in schema and schema["const"] not in schema["enum"]:
            raise refuse(path, "const is not among the values of enum")
        left = self._document.rules_of(schema) - {"const", "enum", "type"}
        if left:
            raise refuse(path, f"listed values cannot be combined with {', '.join(sorted(left))}")
        kinds = types_of(schema, path) if "type" in schema else [""]
        fitting = [value for value in values if any(_is_of(value, kind) for kind in kinds)]
        if not fitting:
            raise refuse(path, "none of the listed values is of the type asked for")
        return gbnf.any_of(gbnf.literal(written(value)) for value in fitting)

    def _of_type(self, kind: str, schema: dict[str, Any], path: str, depth: int) -> str:
        match kind:
            case "string":
                return self._string(schema, path)
            case "integer" | "number":
                return number(kind, schema, path)
            case "array":
                return self._array(schema, path, depth)
            case "object":
                return self._object(schema, path, depth)
            case _:
                return kind

    def _string(self, schema: dict[str, Any], path: str) -> str:
        least, most = bounds(schema, "minLength", "maxLength", path)
        limited = least > 0 or most is not None
        known_format = _FORMATS.get(schema.get("format", ""))
        if sum((limited, "pattern" in schema, known_format is not None)) > 1:
            raise refuse(path, "pattern, format and a length cannot be combined")
        if known_format is not None:
            inside = known_format
        elif "pattern" in schema:
            try:
                inside = pattern_to_gbnf(schema["pattern"])
            except ValueError as error:
                raise refuse(f"{path}/pattern", str(error)) from error
        elif limited:
            inside = gbnf.repeated("char", least, most)
        else:
            return "string"
        return self._rule("string", rf'"\"" {inside} "\""')

    def _array(self, schema: dict[str, Any], path: str, depth: int) -> str:
        least, most = bounds(schema, "minItems", "maxItems", path)
        first = schema.get("prefixItems", [])
        items = schema.get("items", True)
        if isinstance(items, list):  # as before 2020-12
            first, items = items, schema.get("additionalItems", True)
        if items is False:
            most = len(first) if most is None else min(most, len(first))
        if least > (least if most is None else most):
            raise refuse(path, f"minItems {least} is more than there can be")
        heads = [
            self._visit(part, f"{path}/prefixItems/{index}", frozenset(), depth + 1)
            for index, part in enumerate(first[:most])
        ]
        more = None if most is None else most - len(heads)
        item = ""
        if more != 0:
            item = self._rule("item", self._visit(items, f"{path}/items", frozenset(), depth + 1))
        return self._rule("array", f'"[" ws {self._items(heads, item, least, more)}ws "]"')

    def _items(self, heads: list[str], item: str, least: int, more: int | None) -> str:
        """The inside of an array: fixed items first; `more` others may follow."""
        comma = 'ws "," ws'
        tail = ""
        left = max(0, least - len(heads))
        if item and heads:
            tail = gbnf.repeated(f"({comma} {item})", left, more)
        elif item:
            others = None if more is None else more - 1
            tail = f"{item} {gbnf.repeated(f'({comma} {item})', max(0, left - 1), others)} "
            return tail if left else f"({tail})? "
        for index in range(len(heads) - 1, -1, -1):
            one = f"{heads[index]} {tail}" if index == 0 else f"{comma} {heads[index]} {tail}"
            tail = one if index < least else f"({one})?"
        return f"{tail} "

    def _object(self, schema: dict[str, Any], path: str, depth: int) -> str:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        others = schema.get("additionalProperties", not properties or None)
        missing = [name for name in dict.fromkeys(required) if name not in properties]
        if missing and others is False:
            raise refuse(f"{path}/required", f"{missing[0]!r} is required but not allowed")
        beside: dict[str, Schema] = dict.fromkeys(missing, True if others is None else others)
        known = [
            Member(name, self._value(part, f"{path}/properties/{_pointer(name)}", depth), is_needed)
            for name, part in {**properties, **beside}.items()
            if (is_needed := name in required) or part is not False
        ]
        other = ""
        if others is not None and others is not False:
            value = self._value(others, f"{path}/additionalProperties", depth)
            names = gbnf.other_than([member.name for member in known])
            key = rf'"\"" {names} "\""' if known else "string"
            other = self._rule("other", f'{key} ws ":" ws {value}')
        return self._rule("object", f'"{{" ws {members(known, other, self._rule)} ws "}}"')

    def _value(self, schema: Schema, path: str, depth: int) -> str:
        return self._rule("value", self._visit(schema, path, frozenset(), depth + 1))


def _pointer(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _is_of(value: Any, kind: str) -> bool:
    """Whether a value is of a type of JSON schema; the empty type is any."""
    if isinstance(value, bool):
        return kind in ("", "boolean")
    names = {str: ("string",), int: ("integer", "number"), list: ("array",), dict: ("object",)}
    if isinstance(value, float):
        return kind in ("", "number") or (kind == "integer" and value.is_integer())
    return kind == "" or kind in (names.get(type(value)) or ("null",))
