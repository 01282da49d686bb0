"""`not`, `patternProperties`, `uniqueItems` and `multipleOf` against the `jsonschema` package."""

# ruff: noqa: E501  (tables)

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from inference.errors import BadSchema
from inference.schema.json_schema import schema_to_gbnf
from tests.inference.grammar_texts import accepted, byte_vocab, sampled

N_SAMPLES = 12


@pytest.fixture(scope="module")
def bytes_vocab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("vocab")
    with byte_vocab(folder) as vocab:
        yield vocab


def exact(text: str) -> Any:
    """JSON with numbers as they are written: a multiple of 0.1 is none of the nearest float."""
    return json.loads(text, parse_float=Decimal)


def judge(schema: Any) -> Draft202012Validator:
    return Draft202012Validator(exact(json.dumps(schema)))


ENUM = {"enum": ["red", "green", 3, None]}
SCHEMAS: list[Any] = [
    {"type": "integer", "multipleOf": 7},
    {"type": "integer", "multipleOf": 97, "minimum": -1000},
    {"type": "integer", "multipleOf": 12, "minimum": -100, "maximum": 150},
    {"type": "integer", "multipleOf": 2.5},
    {"type": "number", "multipleOf": 0.01, "minimum": 0.5, "exclusiveMaximum": 12.34},
    {"type": "number", "multipleOf": 0.3, "maximum": -1.1},
    {"multipleOf": 100},
    {"not": {"type": ["object", "array", "string"]}},
    {"type": ["integer", "string", "null"], "not": {"type": "integer"}},
    {"type": "integer", "minimum": 0, "maximum": 30, "not": {"enum": [0, 7, 7.5, 30, "x"]}},
    {"type": "number", "minimum": 0, "maximum": 2, "not": {"enum": [0, 1, 1.5]}},
    {"type": "boolean", "not": {"const": True}},
    {"enum": ["a", 1, True, [1], None], "not": {"enum": [1, [1]]}},
    {"enum": ["apple", "pear", "plum"], "type": "string", "not": {"pattern": "^p.*m$"}},
    {"type": "string", "not": {"enum": ["", "a", "ab"]}},
    {"type": "string", "minLength": 1, "maxLength": 4, "not": {"pattern": "[a-y ]"}},
    {"type": "string", "pattern": "^[ab]{2,9}$", "maxLength": 4, "not": {"anyOf": [{"pattern": "^aa"}, {"const": "bb"}]}},
    {"type": "string", "not": {"minLength": 3}},
    {"type": "integer", "not": {"minimum": 5}, "minimum": -9},
    {"type": "array", "items": {"const": 1}, "not": {"maxItems": 1}, "maxItems": 4},
    {"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}}, "not": {"required": ["a", "b"]}},
    {"type": "object", "properties": {"kind": {"enum": ["x", "y"]}, "n": {"const": 1}}, "required": ["kind"],
     "not": {"properties": {"kind": {"const": "x"}}, "required": ["n"]}},
    {"type": "integer", "minimum": 0, "maximum": 40, "not": {"anyOf": [{"minimum": 10, "maximum": 19}, {"const": 3}]}},
    {"type": "integer", "not": {"not": {"minimum": 2, "maximum": 5}}},
    {"type": "integer", "not": {"allOf": [{"minimum": 2}, {"maximum": 5}]}, "minimum": -2, "maximum": 9},
    {"patternProperties": {"^x-": {"type": "integer"}}, "required": ["x-1"]},
    {"patternProperties": {"^[a-c]+$": {"type": "null"}, "c$": {"type": ["null", "integer"]}}, "additionalProperties": {"const": "other"}},
    {"properties": {"a1": {"minimum": 5}}, "patternProperties": {"[0-9]$": {"type": "integer"}}, "required": ["a1", "b2"], "additionalProperties": False},
    {"patternProperties": {"^_": False}, "additionalProperties": {"type": "null"}},
    {"type": "array", "items": ENUM, "uniqueItems": True},
    {"type": "array", "items": ENUM, "uniqueItems": True, "minItems": 2, "maxItems": 3},
    {"type": "array", "items": {"type": ["boolean", "null"]}, "uniqueItems": True, "minItems": 3},
    {"type": "array", "items": {"enum": [1, 1.0, True]}, "uniqueItems": True},
    {"type": "array", "items": {"$ref": "#/$defs/e"}, "uniqueItems": True, "$defs": {"e": {**ENUM, "not": {"const": 3}}}},
    {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 1},
]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_all_texts_of_the_grammar_are_accepted_by_the_schema(bytes_vocab: int, schema: Any) -> None:
    grammar, accepts, chance = schema_to_gbnf(json.dumps(schema)), judge(schema), random.Random(1)
    drawn = [sampled(bytes_vocab, grammar, chance) for _ in range(N_SAMPLES)]
    texts = [text for text in drawn if text is not None]
    assert len(texts) >= N_SAMPLES // 3
    for text in texts:
        assert accepts.is_valid(exact(text)), text


FREELY = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def assert_same(vocab: int, schema: Any, texts: Iterator[str] | list[str]) -> None:
    """The grammar lets through just what the schema accepts."""
    grammar, accepts = schema_to_gbnf(json.dumps(schema)), judge(schema)
    for text in texts:
        assert accepted(vocab, grammar, text) == accepts.is_valid(exact(text)), (schema, text)


@FREELY
@given(st.data())
def test_multiples_are_exact(vocab: int, data: st.DataObject) -> None:
    step = data.draw(
        st.sampled_from(["1", "2", "3", "8", "25", "30", "0.5", "0.25", "0.07", "1.2"])
    )
    schema = {"type": data.draw(st.sampled_from(["integer", "number"])), "multipleOf": float(step)}
    numbers = st.decimals(-60, 60, places=1, allow_nan=False)
    for limit in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        if data.draw(st.booleans()):
            schema[limit] = float(data.draw(numbers))
    near = [Decimal(step) * data.draw(st.integers(-40, 40)) for _ in range(8)]
    near += [Decimal(str(value)) for value in schema.values() if not isinstance(value, str)]
    is_whole = schema["type"] == "integer" or Decimal(step) == int(Decimal(step))
    # Zero has no sign, and a whole number no point: so numbers are written.
    texts = {
        str(int(value)) if value == int(value) else format(value.normalize(), "f")
        for base in near
        for value in (base, base + Decimal(step) / 2, base + 1)
        if not is_whole or value == int(value)
    }
    if any(judge(schema).is_valid(exact(text)) for text in texts):
        assert_same(vocab, schema, sorted(texts))


WORDS = ["".join(word) for n in range(4) for word in itertools.product("ab-", repeat=n)]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "not": {"pattern": "a-|bb"}},
        {"type": "string", "not": {"pattern": "^(ab|-)*$"}, "minLength": 1},
        {"type": "string", "pattern": "b", "maxLength": 2, "not": {"const": "b"}},
        {"type": "string", "not": {"anyOf": [{"enum": ["a", "ab-", ""]}, {"pattern": "--"}]}},
        {"type": "string", "not": {"allOf": [{"pattern": "^a"}, {"maxLength": 2}]}},
        {"not": {"anyOf": [{"type": ["integer", "null"]}, {"pattern": "a"}]}},
    ],
    ids=json.dumps,
)
def test_strings_are_those_that_the_schema_accepts(vocab: int, schema: Any) -> None:
    assert_same(vocab, schema, [json.dumps(word) for word in WORDS])


def test_names_choose_the_schemas_of_their_values(vocab: int) -> None:
    schema = {
        "properties": {"aa": {"type": "integer"}, "-b": False},
        "patternProperties": {"^a": {"enum": [1, None]}, "b$": {"enum": ["x", None]}},
        "additionalProperties": {"const": "rest"},
    }
    values = [1, None, "x", "rest", 2]
    texts = [json.dumps({word: value}) for word in WORDS for value in values]
    assert_same(vocab, schema, texts)


def test_items_that_differ_can_come_in_any_order(vocab: int) -> None:
    values = ["red", 3, None]
    schema = {"type": "array", "items": {"enum": values}, "uniqueItems": True, "minItems": 2}
    lists = [items for n in range(5) for items in itertools.product(values, repeat=n)]
    assert_same(vocab, schema, [json.dumps(items) for items in lists])


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"multipleOf": 0}, "#/multipleOf: 0 is not more than 0"),
        ({"multipleOf": 1e-30}, "#/multipleOf: no more than 9 places"),
        ({"multipleOf": 1e999}, "#/multipleOf: it is too large"),
        ({"type": "integer", "multipleOf": 7919}, "take more than 500 rules"),
        ({"type": "integer", "multipleOf": 7, "minimum": 8, "maximum": 13}, "#: no multiple of 7"),
        ({"type": "integer", "multipleOf": 3, "not": {"const": 6}}, "multipleOf cannot be combined"),
        ({"not": True}, "#/not: it leaves nothing"),
        ({"not": {"type": "number"}, "type": "integer"}, "#/not: two different values of type"),
        ({"type": "string", "not": {"type": "string"}}, "exclude each other"),
        ({"enum": [1, 2], "not": {"enum": [2, 1.0]}}, "#/not: it leaves none"),
        ({"type": "boolean", "not": {"enum": [True, False]}}, "#/not: a grammar can leave out"),
        ({"type": "array", "not": {"const": [1]}}, "/not: a grammar can leave out"),
        ({"type": "array", "not": {"items": {"type": "null"}}}, "#/not/items: a grammar cannot follow"),
        ({"type": "integer", "not": {"multipleOf": 2}}, "#/not/multipleOf: a grammar cannot follow"),
        ({"type": "string", "not": {"pattern": "(?=a)"}}, "#/not: groups that begin"),
        ({"type": "string", "pattern": "^a*$", "not": {"pattern": "^a*$"}}, "#: no string fulfils"),
        ({"type": "string", "minLength": 900, "not": {"const": "a"}}, ": pattern, lengths and not"),
        ({"not": {"$ref": "#"}}, "refers to itself"),
        ({"patternProperties": {"(?!a)": {}}}, "#/patternProperties/(?!a): groups that"),
        ({"patternProperties": {f"^{n}": {} for n in range(5)}}, "it has 5 patterns; 4 are"),
        ({"patternProperties": {"^a": False}, "required": ["ab"]}, "#/properties/ab: false"),
        ({"patternProperties": {"^a": {"$ref": "#"}}, "required": ["a"], "type": "object"}, "without end"),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, "#/uniqueItems: a grammar cannot compare"),
        ({"type": "array", "items": {"enum": list(range(9))}, "uniqueItems": True}, "at most 8 values"),
        ({"type": "array", "items": {"type": "null"}, "uniqueItems": True, "minItems": 2}, "#: there are 1 different"),
        ({"uniqueItems": "yes"}, "#/uniqueItems: it is neither"),
    ],
)  # fmt: skip
def test_what_a_grammar_cannot_keep_is_refused_with_the_place(schema: Any, place: str) -> None:
    with pytest.raises(BadSchema) as caught:
        schema_to_gbnf(json.dumps(schema).replace("Infinity", "1e999"))
    assert place in caught.value.detail
