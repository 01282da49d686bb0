"""A JSON schema as a GBNF grammar: every text of the grammar is JSON that the schema accepts.

The grammar may be narrower than the schema: properties come in the schema's order, others only
where `additionalProperties` or `patternProperties` ask for them, strings have at most 2,000
characters where a length is given, and of what a `not` leaves only what can be followed. What it
cannot express is an error that names the place; it is never left out silently. `format` follows the
standard: one that is not known is a remark.

Source: https://json-schema.org/draft/2020-12 (core and validation)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from inference.errors import BadSchema
from inference.schema import gbnf
from inference.schema.json_arrays import MAX_DIFFERENT, different, items
from inference.schema.json_keywords import Schema, is_of, refuse, types_of
from inference.schema.json_limits import bounds, multiples, number
from inference.schema.json_listed import Excluded, finite, is_direct, listed
from inference.schema.json_merging import merged
from inference.schema.json_multiples import one_of_digits
from inference.schema.json_negation import negated
from inference.schema.json_objects import Member, ObjectSchema, Others, members, written
from inference.schema.json_resolved import SchemaDocument, are_disjoint
from inference.schema.json_strings import ANY_TEXT, rules, string
from inference.schema.language import Language

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
    try:
        return _Grammar(SchemaDocument(document)).text()
    except RecursionError as error:
        raise refuse("#", "it is nested too deeply") from error


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
        if "not" in schema and not is_direct(schema):
            return self._without(schema, path, open_refs, depth)
        if "const" in schema or "enum" in schema:
            return self._listed(schema, path)
        excluded = Excluded.of(schema)
        kinds = [kind for kind in types_of(schema, path) if not excluded.closes(kind)]
        if not kinds:
            raise refuse(f"{path}/not", "a grammar can leave out nothing else than all of the type")
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

    def _without(
        self, schema: dict[str, Any], path: str, open_refs: frozenset[str], depth: int
    ) -> str:
        """A schema with a `not`, as alternatives; those that cannot be kept are left out."""
        rest = {key: value for key, value in schema.items() if key != "not"}
        options, refusals = [], []
        for other in negated(schema["not"], self._document, f"{path}/not"):
            rules, references = dict(self._rules), dict(self._rule_of_ref)
            try:
                whole = self._with(rest, other, f"{path}/not")
                options.append(self._visit(whole, f"{path}/not", open_refs, depth + 1))
            except BadSchema as refusal:
                refusals.append(refusal)
                self._rules, self._rule_of_ref = rules, references
        if not options:
            raise refusals[0] if refusals else refuse(f"{path}/not", "it leaves nothing")
        return gbnf.any_of(options)

    def _listed(self, schema: dict[str, Any], path: str) -> str:
        left = self._document.rules_of(schema) - {"const", "enum", "type", "not"}
        if left:
            raise refuse(path, f"listed values cannot be combined with {', '.join(sorted(left))}")
        return gbnf.any_of(gbnf.literal(written(value)) for value in listed(schema, path))

    def _of_type(self, kind: str, schema: dict[str, Any], path: str, depth: int) -> str:
        match kind:
            case "string":
                return self._string(schema, path)
            case "integer" | "number":
                return self._number(kind, schema, path)
            case "array":
                return self._array(schema, path, depth)
            case "object":
                return self._object(schema, path, depth)
            case "boolean":
                unwanted = [value for value in Excluded.of(schema).values if is_of(value, kind)]
                left = [value for value in (True, False) if value not in unwanted]
                return kind if len(left) > 1 else gbnf.literal(written(left[0]))
            case _:
                return kind

    def _string(self, schema: dict[str, Any], path: str) -> str:
        inside = string(schema, path)
        if inside == ANY_TEXT:
            return "string"
        if isinstance(inside, Language):
            inside = self._language(inside, path)
            if not inside:
                raise refuse(path, "no string fulfils all of it")
        return self._rule("string", rf'"\"" {inside} "\""')

    def _language(self, language: Language, path: str) -> str:
        """The rule of a language's words as they stand in a string; empty where there are none."""
        prefix = f"word-{len(self._rules)}"
        found = rules(language, prefix, path)
        self._rules |= found
        return f"{prefix}-0" if found else ""

    def _number(self, kind: str, schema: dict[str, Any], path: str) -> str:
        if "multipleOf" not in schema:
            return number(kind, schema, path)
        try:
            below, above = multiples(kind, schema, path).automata()
        except ValueError as error:
            raise refuse(f"{path}/multipleOf", str(error)) from error
        options = []
        for sign, automaton in (('"-" ', below), ("", above)):
            if automaton is not None:
                prefix = f"multiple-{len(self._rules)}"
                self._rules |= automaton.rules(prefix, one_of_digits)
                options.append(f"{sign}{prefix}-0")
        if not options:
            raise refuse(path, f"no multiple of {schema['multipleOf']} is within these limits")
        return gbnf.any_of(options)

    def _array(self, schema: dict[str, Any], path: str, depth: int) -> str:
        least, most = bounds(schema, "minItems", "maxItems", path)
        first = schema.get("prefixItems", [])
        others = schema.get("items", True)
        if isinstance(others, list):  # as before 2020-12
            first, others = others, schema.get("additionalItems", True)
        if others is False:
            most = len(first) if most is None else min(most, len(first))
        if least > (least if most is None else most):
            raise refuse(path, f"minItems {least} is more than there can be")
        if schema.get("uniqueItems", False) and (most is None or most > 1):
            return self._different(others, first, least, most, path)
        heads = [
            self._visit(part, f"{path}/prefixItems/{index}", frozenset(), depth + 1)
            for index, part in enumerate(first[:most])
        ]
        more = None if most is None else most - len(heads)
        item = ""
        if more != 0:
            item = self._rule("item", self._visit(others, f"{path}/items", frozenset(), depth + 1))
        return self._rule("array", f'"[" ws {items(heads, item, least, more)}ws "]"')

    def _different(
        self, item: Schema, first: Sequence[Schema], least: int, most: int | None, path: str
    ) -> str:
        """An array in which no value comes twice: a grammar remembers a few, but compares none."""
        item = self._document.followed(item, f"{path}/items")
        values = None if first or isinstance(item, bool) else finite(item, f"{path}/items")
        if values is None or len(values) > MAX_DIFFERENT:
            raise refuse(
                f"{path}/uniqueItems",
                "a grammar cannot compare items; it can keep this where all of them are out of an "
                f"enum of at most {MAX_DIFFERENT} values",
            )
        if least > len(values):
            raise refuse(path, f"there are {len(values)} different items, fewer than {least}")
        top = len(values) if most is None else min(most, len(values))
        inside = different(list(map(written, values)), least, top, self._rule)
        return self._rule("array", f'"[" ws {inside}ws "]"')

    def _object(self, schema: dict[str, Any], path: str, depth: int) -> str:
        plan = ObjectSchema(schema, path)
        known = [
            Member(part.name, self._value(part.schema, part.path, depth), part.is_needed)
            for part in plan.properties
        ]
        others = [rule for part in plan.others() if (rule := self._other(part, plan.names, depth))]
        other = gbnf.any_of(others) if others else ""
        return self._rule("object", f'"{{" ws {members(known, other, self._rule)} ws "}}"')

    def _other(self, others: Others, names: Sequence[str], depth: int) -> str:
        """Any member of a kind; empty where none can have such a name."""
        if others.names is None:
            key = rf'"\"" {gbnf.other_than(names)} "\""' if names else "string"
        else:
            inside = self._language(others.names, others.path)
            if not inside:
                return ""
            key = rf'"\"" {inside} "\""'
        value = self._value(others.schema, others.path, depth)
        return self._rule("other", f'{key} ws ":" ws {value}')

    def _value(self, schema: Schema, path: str, depth: int) -> str:
        return self._rule("value", self._visit(schema, path, frozenset(), depth + 1))
