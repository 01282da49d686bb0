"""Answers that follow a grammar or a JSON schema, from the starter model."""

from __future__ import annotations

# ruff: noqa: E501  (tables)
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inference.engine import (
    ChatMessage,
    FinishReason,
    GenerateRequest,
    ModelParams,
    PrefillProgress,
    Sampling,
)
from inference.errors import BadGrammar, BadSchema, DecodeFailed
from inference.host import EngineHost
from tests.inference.conftest import Answer

QUESTION = ChatMessage("user", "Describe a person you know, in JSON.")
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 12},
        "age": {"type": "integer", "minimum": 18, "maximum": 99},
        "born": {"type": "string", "format": "date"},
        "tags": {
            "type": "array",
            "items": {"enum": ["kind", "tall"]},
            "minItems": 1,
            "maxItems": 3,
        },
        "id": {"type": "string", "pattern": "^[A-F]{3}-[0-9]+x?$"},
    },
    "required": ["name", "age", "born", "tags"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("seed", [0, 1])
def test_answers_are_what_the_schema_says(answer: Answer, seed: int) -> None:
    # So hot that the model alone would write nonsense.
    sampling = Sampling(temperature=1.5, top_k=0, top_p=1.0, min_p=0.0, seed=seed, max_tokens=400)
    text, reason = answer(sampling, [QUESTION], json_schema=json.dumps(PERSON))

    assert reason is FinishReason.STOP
    person: dict[str, Any] = json.loads(text)
    assert {"name", "age", "born", "tags"} <= person.keys() <= PERSON["properties"].keys()  # type: ignore[attr-defined]
    assert 1 <= len(person["name"]) <= 12
    assert type(person["age"]) is int
    assert 18 <= person["age"] <= 99
    date.fromisoformat(person["born"])
    assert 1 <= len(person["tags"]) <= 3
    assert set(person["tags"]) <= {"kind", "tall"}
    if "id" in person:
        letters, _, digits = person["id"].partition("-")
        assert len(letters) == 3
        assert set(letters) <= set("ABCDEF")
        assert digits.removesuffix("x").isdecimal()


def test_a_grammar_leaves_a_choice(answer: Answer) -> None:
    question = [ChatMessage("user", "Is Paris in France? Answer yes or no.")]
    for sampling in (Sampling(temperature=0), Sampling(mirostat=2, seed=1), Sampling(top_k=1)):
        text, reason = answer(sampling, question, grammar='root ::= "Yes" | "No"')
        assert text in ("Yes", "No")
        assert reason is FinishReason.STOP
    # What fits of itself is not changed.
    free = answer(Sampling(temperature=0, max_tokens=8), question)
    assert answer(Sampling(temperature=0, max_tokens=8), question, grammar="root ::= .*") == free


def test_characters_of_several_tokens_follow_a_grammar(answer: Answer) -> None:
    text, _ = answer(Sampling(seed=3), [QUESTION], grammar='root ::= "🦀" [日本語]{3} "ß"')

    assert text[0] + text[-1] == "🦀ß"
    assert set(text[1:-1]) <= set("日本語")
    assert len(text) == 5


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        ({"grammar": "root ::= [a-z"}, BadGrammar, "unexpected end of input"),
        ({"grammar": 'start ::= "a"'}, BadGrammar, "root"),
        ({"grammar": "root ::= root 'x'"}, BadGrammar, ""),
        ({"grammar": "root ::= thing"}, BadGrammar, "Undefined rule identifier 'thing'"),
        ({"grammar": 'root ::= x\nx ::= x "a" | "b"'}, BadGrammar, "left recursion"),
        ({"grammar": "root ::= " + "(" * 100_000}, BadGrammar, "nested"),
        ({"grammar": 'root ::= "a\0"'}, BadGrammar, "code 0"),
        ({"json_schema": '{"properties": {"a": {"type": "odd"}}}'}, BadSchema, "#/properties/a/type"),
        ({"json_schema": "{}", "grammar": 'root ::= "a"'}, BadGrammar, "a grammar and a JSON schema"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_an_error_before_anything_is_evaluated(
    host: EngineHost,
    starter_model: Path,
    asked: dict[str, str],
    kind: type[BadGrammar],
    words: str,
) -> None:
    model = ModelParams(starter_model, n_ctx=1024, n_threads=1)
    request = GenerateRequest("1", model, (QUESTION,), Sampling(), **asked)  # type: ignore[arg-type]
    seen = []
    with pytest.raises(BadGrammar) as caught:
        seen.extend(host.run(request))
    assert type(caught.value) is kind
    assert words in caught.value.detail
    assert not [event for event in seen if isinstance(event, PrefillProgress)]


def test_a_grammar_that_the_sampling_makes_impossible_is_an_error(answer: Answer) -> None:
    forbidden = tuple((text, float("-inf")) for text in ("Y", "Yes", "Ye", "es", "s", "e"))
    with pytest.raises(DecodeFailed):
        answer(Sampling(logit_bias=forbidden), [QUESTION], grammar='root ::= "Yes"')
    assert answer(Sampling(), [QUESTION], grammar='root ::= "Yes"')[0] == "Yes"
