"""Counts of prompts that may be sent, against what the engine says of the same ones once sent."""

from __future__ import annotations

from contextlib import closing

import pytest
from msgspec.structs import replace

from inference.engine import (
    ChatMessage,
    Counted,
    CountRequest,
    Event,
    Finished,
    GenerateRequest,
    LoadRequest,
    ModelParams,
    Sampling,
    Summary,
)
from inference.llama.engine import LlamaEngine
from tests.inference.engine_in_process import new_engine
from tests.inference.tiny_models import write_tiny_model

MESSAGES = (
    ChatMessage("system", "Be brief."),
    ChatMessage("user", "What is a herb?"),
    ChatMessage("assistant", "A plant."),
    ChatMessage("user", "Attached file: a.txt\n```\nbasil\n```\n\nIs this one?"),
)


def last(engine: LlamaEngine, request: CountRequest | GenerateRequest | LoadRequest) -> Event:
    return list(engine.run(request))[-1]


def in_template(*texts: str) -> int:
    """Tokens that the tiny template makes: BOS, a space, each byte, a line feed for each text.

    A space is the sign U+2581, which the vocabulary of bytes spells with three.
    """
    return 4 + sum(len(text.replace(" ", "\u2581").encode()) + 1 for text in texts)


@pytest.fixture(scope="module")
def params(tmp_path_factory: pytest.TempPathFactory) -> ModelParams:
    path = write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.gguf", "llama", n_layer=1)
    return ModelParams(path, n_ctx=512, n_threads=1)


def test_a_count_is_what_the_prompt_then_has(params: ModelParams) -> None:
    with closing(new_engine()) as engine:
        assert last(engine, CountRequest("0", params, MESSAGES)) == Counted(0, 0, 0)
        assert not engine.is_loaded
        last(engine, LoadRequest("1", params))

        counted = last(engine, CountRequest("2", params, MESSAGES, ("basil", "")))
        sent = GenerateRequest("3", params, MESSAGES, Sampling(max_tokens=1))
        finished = last(engine, sent)

    assert isinstance(counted, Counted)
    assert isinstance(finished, Finished)
    assert counted.n_prompt == finished.tokens_in
    assert counted.n_prompt == in_template(*(message.content for message in MESSAGES))
    assert counted.n_question == in_template(MESSAGES[0].content, MESSAGES[-1].content)
    # A text alone has a space before it, which is three bytes here.
    assert (counted.n_ctx, counted.texts) == (512, (3 + len("basil"), 0))


def test_a_summary_is_counted_in_place_of_what_it_stands_for(params: ModelParams) -> None:
    summary = Summary("Herbs.", 3)
    with closing(new_engine()) as engine:
        last(engine, LoadRequest("1", params))
        counted = last(engine, CountRequest("2", params, MESSAGES, summary=summary))
        sent = GenerateRequest("3", params, MESSAGES, Sampling(max_tokens=1), summary=summary)
        finished = last(engine, sent)

    assert isinstance(counted, Counted)
    assert isinstance(finished, Finished)
    assert counted.n_prompt == counted.n_question == finished.tokens_in


def test_what_is_far_too_long_is_not_rendered_to_be_counted(params: ModelParams) -> None:
    long = (MESSAGES[0], ChatMessage("user", "x" * 5000))
    with closing(new_engine()) as engine:
        last(engine, LoadRequest("1", params))
        counted = last(engine, CountRequest("2", params, long))

    # The text of the question alone, which has ten times what the context holds, and a space.
    assert counted == Counted(5003, 5003, 512)


def test_another_model_than_the_loaded_one_is_not_counted(params: ModelParams) -> None:
    with closing(new_engine()) as engine:
        last(engine, LoadRequest("1", params))
        other = replace(params, n_ctx=256)

        assert last(engine, CountRequest("2", other, MESSAGES)) == Counted(0, 0, 0)
        assert last(engine, CountRequest("3", params, MESSAGES)) != Counted(0, 0, 0)
