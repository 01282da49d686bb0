"""Grammars of JSON schemas, read by llama.cpp itself: which texts it lets through."""

# ruff: noqa: E501  (tables)

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.errors import BadSchema
from inference.schema import gbnf
from inference.schema.json_pattern import pattern_to_gbnf
from inference.schema.json_schema import schema_to_gbnf
from tests.inference.grammar_texts import accepted

Accepts = Callable[[str, str], bool]

JSON_STRING = (
    'plain ::= [^"\\\\\\x00-\\x1F]\nchar ::= plain | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-f]{4})\n'
)


@pytest.fixture(scope="module")
def accepts(vocab: int) -> Accepts:
    """Whether llama.cpp's grammar lets a whole text through, token by token, and then an end."""

    return partial(accepted, vocab)


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 2, "maxLength": 5},
        "age": {"type": "integer", "minimum": 0, "maximum": 120},
        "mail": {"type": ["string", "null"]},
    },
    "required": ["age"],
}
TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "v": {"type": "integer"},
                "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["v"],
        }
    },
}
SHAPES = {
    "oneOf": [
        {"type": "object", "properties": {"k": {"const": "a"}, "x": {}}, "required": ["k"]},
        {"type": "object", "properties": {"k": {"const": "b"}}, "required": ["k"]},
    ]
}
NAMED = {"type": "object", "properties": {"ab": {"type": "null"}, "ac": {"type": "null"}}}
CASES: list[tuple[Any, list[Any], list[Any]]] = [
    (True, [1, "x", None, [1, {"a": [True]}], {"a": {}}, -1.5e3], []),
    ({"type": "boolean"}, [True, False], [None, 1, "true"]),
    ({"type": "string"}, ["", 'quo"te\\ \n é 🦀'], [1, None]),
    ({"enum": ["red", 3, None, 'q"']}, ["red", 3, None, 'q"'], ["blue", 4, "nul"]),
    ({"enum": ["red", 3], "type": "integer"}, [3], ["red"]),
    ({"const": "a b"}, ["a b"], ["a  b", "a", {}]),
    (
        PERSON,
        [{"name": "Ada", "age": 36, "mail": None}, {"age": 0}, {"age": 120, "mail": "x"}],
        [
            {},
            {"age": 121},
            {"age": -1},
            {"age": 3, "name": "Ada"},  # not in the schema's order
            {"name": "A", "age": 1},
            {"name": "Abcdef", "age": 1},
            {"age": 1, "other": 1},
        ],
    ),
    (TREE, [{"v": 1, "kids": [{"v": 2, "kids": []}, {"v": 3}]}], [{"kids": []}, {"v": 1, "kids": 3}]),
    (SHAPES, [{"k": "a", "x": [1]}, {"k": "b"}], [{"k": "c"}, {"k": "b", "x": 1}]),
    (
        {**NAMED, "additionalProperties": {"type": "integer"}},
        [{"ab": None, "z": 1}, {"a": 1}, {"abc": 1, "": 2}, {"ac": None}, {}],
        [{"ab": 1}, {"ac": 1}, {"z": None}, {"ab": None, "ac": 1}],
    ),
    ({"type": "object", "required": ["q"]}, [{"q": 1}, {"q": [], "r": 2}], [{}, {"r": 2}]),
    ({"type": "array", "items": {"const": 1}, "minItems": 2, "maxItems": 3}, [[1, 1], [1, 1, 1]], [[1], [1] * 4, []]),
    ({"type": "array", "items": {"const": 1}, "maxItems": 2}, [[], [1], [1, 1]], [[1] * 3]),
    ({"type": "array", "maxItems": 0}, [[]], [[1]]),
    (
        {"prefixItems": [{"type": "string"}, {"type": "null"}], "items": {"const": 0}, "minItems": 1},
        [["a"], ["a", None], ["a", None, 0, 0]],
        [[], [None], ["a", 0], ["a", None, 1]],
    ),
    ({"prefixItems": [{"const": 1}], "items": False}, [[], [1]], [[1, 2]]),
    ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, [5, None], ["x", True]),
    (
        {"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"],
         "anyOf": [{"properties": {"b": {"const": 2}}, "required": ["b"]}, {"required": ["a"]}]},
        [{"a": 1, "b": 2}, {"a": 1}],
        [{"b": 2}],
    ),
    (
        {"allOf": [{"$ref": "#/$defs/p"}, {"properties": {"b": {"type": "null"}}, "required": ["b"]}],
         "$defs": {"p": {"type": "object", "properties": {"a": {"type": "null"}}}}},
        [{"b": None}, {"a": None, "b": None}],
        [{"a": None}],
    ),
    ({"type": "number", "minimum": 0, "maximum": 1}, [0, 1, 0.25], [1.5, -0.5, 2]),
    ({"type": "number", "exclusiveMinimum": 0, "maximum": 5}, [0.5, 5, 3], [0, 0.0, 5.5, -1]),
    ({"type": "number", "minimum": -2, "exclusiveMaximum": 0}, [-2, -0.5, -1.5], [0, 0.5, -2.5]),
    ({"type": "string", "format": "date"}, ["2024-02-28", "1999-12-31"], ["2024-02-30", "2024-13-01", "2024-06-31"]),
    ({"format": "date-time"}, ["2024-01-01T10:00:59Z", "2024-01-01T10:00:00.123+02:00"], ["2024-01-01"]),
    ({"format": "time"}, ["23:59:00Z"], ["24:00:00Z", "23:59"]),
    ({"format": "uuid"}, ["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]),
    ({"type": "string", "format": "e-mail", "maxLength": 2}, ["ab"], ["abc"]),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "good", "bad"), CASES)
def test_the_grammar_lets_through_what_the_schema_accepts(
    accepts: Accepts, schema: Any, good: list[Any], bad: list[Any]
) -> None:
    grammar = schema_to_gbnf(json.dumps(schema))
    for value in good:
        assert accepts(grammar, dumps(value)), value
        assert accepts(grammar, json.dumps(value, indent=2, ensure_ascii=False)), value
    for value in bad:
        assert not accepts(grammar, dumps(value)), value


def test_what_is_not_json_never_passes(accepts: Accepts) -> None:
    grammar = schema_to_gbnf("{}")
    for text in (
        "",
        "{",
        '{"a":}',
        "[1,]",
        "01",
        "1.",
        ".5",
        "'a'",
        '"\\x"',
        '"\n"',
        "NaN",
        '"\\ud800"',
    ):
        assert not accepts(grammar, text), text


def test_a_name_cannot_be_smuggled_in_by_escapes(accepts: Accepts) -> None:
    grammar = schema_to_gbnf(json.dumps({**NAMED, "additionalProperties": {"type": "integer"}}))
    assert not accepts(grammar, r'{"\u0061b": 1}')


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_integer_limits_are_exact(accepts: Accepts, data: st.DataObject) -> None:
    numbers = st.integers(-2000, 2000)
    low = data.draw(st.none() | numbers)
    high = data.draw(st.none() | (numbers if low is None else st.integers(low, low + 1500)))
    grammar = f"root ::= {gbnf.integer(low, high)}"
    near = [low or 0, high or 0, 0, *data.draw(st.lists(numbers, max_size=8))]
    for value in {base + step for base in near for step in (-1, 0, 1)}:
        inside = (low is None or value >= low) and (high is None or value <= high)
        # Zero has no sign here, as in JSON that others write.
        assert accepts(grammar, str(value)) == inside, (low, high, value)
    assert not accepts(grammar, "007")


@pytest.mark.parametrize(
    "pattern",
    [r"^[A-Z]{2}-\d+$", r"^(a|bc)*d?$", r"^[^a-c\"]+$", r"^\w+@\w+\.(com|org)$", r"b", r"^a.c",
     r"^\(\d{3}\)\s?x$", r"^[\d\-x]{1,2}$", r'^"\\$'],
)  # fmt: skip
@pytest.mark.parametrize(
    "text",
    ["AB-12", "AB-", "ABC-1", "", "abcd", "bcbcd", "bd", "abd", "dog", "d\"o", "me@x.com", "me@x.net",
     "abc", "aXc more", "(123) x", "(123)x", "(12)x", "7-", "xx", "y", '"\\', "\\"],
)  # fmt: skip
def test_patterns_match_as_regular_expressions_do(
    accepts: Accepts, pattern: str, text: str
) -> None:
    grammar = f'root ::= "\\"" {pattern_to_gbnf(pattern)} "\\""\n{JSON_STRING}'
    assert accepts(grammar, dumps(text)) == bool(re.search(pattern.replace("$", r"\Z"), text))


@pytest.mark.parametrize(
    "pattern", [r"(?=a)", r"(a", "a)", "a**", r"\bx", "a{5,2}", "[b-a]", "^a|b$", "a{9999}", "["]
)
def test_a_pattern_that_cannot_be_followed_is_refused(pattern: str) -> None:
    with pytest.raises(BadSchema) as caught:
        schema_to_gbnf(json.dumps({"properties": {"a": {"pattern": pattern}}}))
    assert caught.value.detail.startswith("#/properties/a/pattern: ")


LOOP = {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}}, "$ref": "#/$defs/a"}
ENDLESS = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ("{", "#: it is not JSON"),
        ("[" * 100_000, "#: it is not JSON"),
        ('{"const": NaN}', "#: it is not JSON"),
        ("3", "#: it is neither"),
        ({"type": "kaboom"}, "#/type: there is no type 'kaboom'"),
        ({"type": 3}, "#/type"),
        (False, "#: false accepts nothing"),
        ({"properties": {"a/b": {"not": {}}}}, "#/properties/a~1b/not: it leaves nothing"),
        ({"items": {"contains": {}}}, "#/items/contains: this keyword"),
        ({"properties": {"a": {"type": "integer", "minimum": 5, "maximum": 4}}}, "#/properties/a: no"),
        ({"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 5}, "#: no number"),
        ({"type": "number", "minimum": 0.5}, "#/minimum: 0.5"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "#: maxLength 2"),
        ({"type": "string", "maxLength": -1}, "#/maxLength"),
        ({"type": "string", "minLength": "3"}, "#/minLength: '3'"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "#: maxItems 2"),
        ({"prefixItems": [{}], "items": False, "minItems": 2}, "#: minItems 2"),
        ({"enum": []}, "#/enum: it is empty"),
        ({"anyOf": []}, "#/anyOf: it is empty"),
        ({"enum": ["a"], "type": "integer"}, "#: none of the listed"),
        ({"required": ["a"], "properties": {}, "additionalProperties": False}, "#/required: 'a'"),
        ({"properties": {"a": False}, "required": ["a"]}, "#/properties/a: false"),
        ({"$ref": "#/$defs/none"}, "#/$ref: '#/$defs/none' is not there"),
        ({"$ref": "other.json"}, "#/$ref: 'other.json' does not lie"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "#/oneOf: alternatives 0 and 1"),
        ({"allOf": [{"type": "string"}, {"type": "null"}]}, "#/allOf/1: two different"),
        (LOOP, "refers to itself"),
        (ENDLESS, "#: only a value without end"),
        ({"properties": {"a": 3}}, "#/properties/a: it is neither"),
        ({"required": [3]}, "#/required: it is not a list of names"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_kept_is_an_error_that_names_the_place(
    schema: Any, place: str
) -> None:
    with pytest.raises(BadSchema) as caught:
        schema_to_gbnf(schema if isinstance(schema, str) else json.dumps(schema))
    assert place in caught.value.detail
    assert caught.value.hint


SCHEMAS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "required",
                    "items",
                    "enum",
                    "const",
                    "anyOf",
                    "oneOf",
                    "allOf",
                    "$ref",
                    "$defs",
                    "minimum",
                    "maxLength",
                    "prefixItems",
                    "pattern",
                    "format",
                    "not",
                    "patternProperties",
                    "multipleOf",
                    "uniqueItems",
                    "minItems",
                    "additionalProperties",
                    "a",
                ]
            ),
            inner
            | st.sampled_from(["string", "object", "array", "integer", "#", "#/$defs/a", ["a"]]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=400)
@given(SCHEMAS)
def test_any_json_is_a_grammar_or_an_error_of_its_own(schema: Any) -> None:
    try:
        grammar = schema_to_gbnf(json.dumps(schema))
    except BadSchema:
        return
    assert "root ::= " in grammar


def test_a_schema_that_explodes_is_refused_soon(tmp_path: Path) -> None:
    doubling = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    schema = {"$ref": "#/$defs/d0", "$defs": {**doubling, "d40": {"type": "null"}}}
    with pytest.raises(BadSchema, match="too large"):
        schema_to_gbnf(json.dumps(schema))
