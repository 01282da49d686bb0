"""Thinking through the whole engine, with templates put into copies of the starter model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inference.engine import (
    ChatMessage,
    Event,
    Finished,
    GenerateRequest,
    Loaded,
    LoadRequest,
    ModelParams,
    PrefillProgress,
    Sampling,
    TextDelta,
    Thinking,
    ThinkingDelta,
)
from inference.errors import BadSampling, ChatTemplateFailed
from inference.host import EngineHost
from tests.inference.test_llama_engine import with_template

QUESTION = ChatMessage("user", "Name the capital of France.")
CHATML = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
THINKER = CHATML + "<|im_start|>assistant\n<think>\n"


@pytest.fixture(scope="module")
def thinker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The starter model, made to open a thinking tag."""
    from tests.conftest import STARTER

    path = with_template(STARTER, tmp_path_factory.mktemp("thinker") / "thinker.gguf", THINKER)
    yield path
    path.unlink()


def run(host: EngineHost, model: Path, **more: Any) -> list[Event]:
    params = ModelParams(model, n_ctx=1024)
    sampling = more.pop("sampling", Sampling(temperature=0, max_tokens=24))
    return list(host.run(GenerateRequest("1", params, (QUESTION,), sampling, **more)))


def texts(events: list[Event]) -> tuple[str, str]:
    thought = "".join(event.text for event in events if isinstance(event, ThinkingDelta))
    return thought, "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("budget", [0, 5])
def test_after_the_budget_the_answer_begins(host: EngineHost, thinker: Path, budget: int) -> None:
    everything, nothing = texts(run(host, thinker))
    assert nothing == ""
    events = run(host, thinker, thinking_budget=budget)
    thought, answer = texts(events)

    assert everything.startswith(thought)
    # A token of this model has at most 16 characters or so.
    assert bool(thought) == bool(budget)
    assert len(thought) <= 16 * budget
    assert answer
    assert not answer[0].isspace()
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.tokens_out <= 24


def test_thinking_can_be_switched_off(host: EngineHost, thinker: Path) -> None:
    thought, answer = texts(run(host, thinker, thinking=Thinking.OFF))

    assert thought == ""
    assert answer


def test_a_loaded_model_says_that_it_can_think(host: EngineHost, thinker: Path) -> None:
    list(host.run(LoadRequest("away", ModelParams(thinker, n_ctx=512))))
    events = list(host.run(LoadRequest("again", ModelParams(thinker))))
    assert [event.thinks for event in events if isinstance(event, Loaded)] == [True]


def test_a_grammar_speaks_of_the_answer_not_of_the_thinking(
    host: EngineHost, thinker: Path
) -> None:
    thought, answer = texts(run(host, thinker, grammar='root ::= "Yes" | "No"', thinking_budget=6))
    assert answer in ("Yes", "No")
    assert thought


def test_a_bad_budget_is_an_error(host: EngineHost, thinker: Path) -> None:
    with pytest.raises(BadSampling, match="thinking_budget"):
        run(host, thinker, thinking_budget=-1)


def test_a_template_that_loops_is_an_error_with_a_way_out(
    host: EngineHost, starter_model: Path, tmp_path: Path
) -> None:
    loop = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    model = with_template(starter_model, tmp_path / "looping.gguf", loop)
    with pytest.raises(ChatTemplateFailed) as caught:
        run(host, model)
    assert "looping.gguf: it did not end within 2 s" in caught.value.detail
    assert "ChatML" in caught.value.hint

    events = run(host, model, use_chatml=True)
    assert "Paris" in texts(events)[1]
    assert [event for event in events if isinstance(event, PrefillProgress)]
    model.unlink()
