"""Thinking through the whole engine, with templates of tiny models."""

from __future__ import annotations

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
    Sampling,
    TextDelta,
    Thinking,
    ThinkingDelta,
)
from inference.errors import BadSampling, ChatTemplateFailed
from inference.host import EngineHost
from tests.inference.engine_in_process import LETTERS
from tests.inference.tiny_models import write_tiny_model

QUESTION = ChatMessage("user", "Name the capital of France.")
THINKER = "{% for m in messages %}{{ m.role }}:{{ m.content }}\n{% endfor %}a:<think>"
SPACE = "▁"
"""What SentencePiece puts before the text that closes the thinking; here it has no token."""


@pytest.fixture(scope="module")
def thinker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose template opens a thinking tag, and that says nothing but letters."""
    path = tmp_path_factory.mktemp("thinker") / "thinker.gguf"
    return write_tiny_model(path, "llama", n_layer=1, template=THINKER)


def run(host: EngineHost, model: Path, **more: Any) -> list[Event]:
    params = ModelParams(model, n_ctx=1024, n_threads=1)
    sampling = Sampling(temperature=0, max_tokens=24, logit_bias=LETTERS)
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

    assert thought.removesuffix(SPACE) == everything[:budget]
    assert len(answer) == 24 - budget
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.tokens_out == 24


def test_thinking_can_be_switched_off(host: EngineHost, thinker: Path) -> None:
    thought, answer = texts(run(host, thinker, thinking=Thinking.OFF))

    assert thought == ""
    assert len(answer) == 24


def test_a_loaded_model_says_that_it_can_think(host: EngineHost, thinker: Path) -> None:
    list(host.run(LoadRequest("away", ModelParams(thinker, n_ctx=512, n_threads=1))))
    events = list(host.run(LoadRequest("again", ModelParams(thinker, n_threads=1))))
    assert [event.thinks for event in events if isinstance(event, Loaded)] == [True]


def test_a_grammar_speaks_of_the_answer_not_of_the_thinking(
    host: EngineHost, thinker: Path
) -> None:
    thought, answer = texts(run(host, thinker, grammar='root ::= "yes" | "no"', thinking_budget=6))
    assert answer in ("yes", "no")
    assert len(thought.removesuffix(SPACE)) == 6


def test_a_bad_budget_is_an_error(host: EngineHost, thinker: Path) -> None:
    with pytest.raises(BadSampling, match="thinking_budget"):
        run(host, thinker, thinking_budget=-1)


def test_a_template_that_loops_is_an_error_with_a_way_out(host: EngineHost, tmp_path: Path) -> None:
    loop = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    model = write_tiny_model(tmp_path / "looping.gguf", "llama", n_layer=1, template=loop)
    with pytest.raises(ChatTemplateFailed) as caught:
        run(host, model)
    assert "looping.gguf: it did not end within 2 s" in caught.value.detail
    assert "ChatML" in caught.value.hint

    events = run(host, model, use_chatml=True)
    assert len(texts(events)[1]) == 24
    # As ChatML has it: the beginning of the sequence, and a space that this vocabulary puts first.
    prompt = f"<|im_start|>user\n{QUESTION.content}<|im_end|>\n<|im_start|>assistant\n"
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.tokens_in == 1 + len(prompt.replace(" ", "▁").encode()) + len("▁".encode())
