"""Sampling through the whole engine, on the starter model."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.engine import (
    ChatMessage,
    FinishReason,
    GenerateRequest,
    ModelParams,
    PrefillProgress,
    Sampling,
)
from inference.errors import BadSampling
from inference.host import EngineHost
from tests.inference.conftest import Answer

QUESTION = ChatMessage("user", "Name the capital of France.")
HOT = {"temperature": 2.0, "top_p": 1.0, "min_p": 0.0, "seed": 5, "max_tokens": 12}


def test_settings_that_leave_one_token_equal_greedy(answer: Answer) -> None:
    greedy = answer(Sampling(temperature=0, max_tokens=12))

    assert "Paris" in greedy[0]
    for only_one in (
        Sampling(**HOT, top_k=1),
        Sampling(**{**HOT, "top_p": 0.0}, top_k=0),
        Sampling(**{**HOT, "min_p": 1.0}, top_k=0),
        Sampling(**HOT, top_k=0, top_n_sigma=0.001),
    ):
        assert answer(only_one) == greedy
    assert answer(Sampling(**HOT, top_k=0)) != greedy


def test_a_text_can_be_forbidden_or_forced(answer: Answer) -> None:
    forbidden = Sampling(temperature=0, max_tokens=30, logit_bias=((" Paris", float("-inf")),))
    assert "Paris" not in answer(forbidden)[0]

    forced = Sampling(temperature=0, max_tokens=3, logit_bias=((" tree", 100.0),))
    assert answer(forced)[0] == " tree tree tree"


def test_penalties_break_a_loop(answer: Answer) -> None:
    # A model that has said the same five times says it a sixth time.
    loop = ChatMessage("assistant", "The sea is blue. " * 5)
    story = (ChatMessage("user", "Write about the sea."), loop)
    plain = answer(Sampling(temperature=0, max_tokens=15), story, go_on=True)[0]
    assert plain.count("The sea is blue.") >= 2

    for breaking in (
        Sampling(temperature=0, max_tokens=15, repeat_penalty=1.8),
        Sampling(temperature=0, max_tokens=15, frequency_penalty=2.0),
        Sampling(temperature=0, max_tokens=15, dry_multiplier=10.0, dry_breakers=()),
    ):
        assert "The sea is blue." not in answer(breaking, story, go_on=True)[0]


def test_a_stop_string_ends_the_answer_across_tokens(answer: Answer) -> None:
    whole = answer(Sampling(temperature=0, max_tokens=30))[0]
    begin = whole.index("Paris")
    # It begins and ends in the middle of tokens.
    stop = whole[begin - 3 : begin + 2]
    assert answer(Sampling(temperature=0, max_tokens=30, stop=("zzz", stop))) == (
        whole[: begin - 3],
        FinishReason.STOP,
    )


@pytest.mark.parametrize(
    ("sampling", "words"),
    [
        (Sampling(top_p=2.0), "top_p: 2.0"),
        (Sampling(logit_bias=((49_152, 1.0),)), "token 49152 is not among the model's 49,152"),
    ],
)
def test_a_bad_value_is_an_error_before_anything_is_evaluated(
    host: EngineHost, starter_model: Path, sampling: Sampling, words: str
) -> None:
    model = ModelParams(starter_model, n_ctx=1024, n_threads=1)
    seen = []
    with pytest.raises(BadSampling) as caught:
        seen.extend(host.run(GenerateRequest("1", model, (QUESTION,), sampling)))
    assert words in caught.value.detail
    assert not [event for event in seen if isinstance(event, PrefillProgress)]
