"""A stop in prefill and in decode: it comes soon, and what was evaluated stays usable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.child import child_command
from inference.engine import (
    N_BATCH,
    ChatMessage,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    LoadRequest,
    ModelParams,
    PrefillProgress,
    Sampling,
    TextDelta,
)
from inference.host import EngineHost
from inference.llama import model as model_module
from inference.llama.engine import LlamaEngine
from tests.inference.tiny_models import write_tiny_model

LONG = ChatMessage("user", "AllWorkAndNoPlay." * 200)
SHORT = ChatMessage("user", "hello")


def ask(path: Path, message: ChatMessage, max_tokens: int = 2000) -> GenerateRequest:
    sampling = Sampling(temperature=0, max_tokens=max_tokens)
    return GenerateRequest(
        os.urandom(4).hex(), ModelParams(path, n_ctx=8192, n_threads=1), (message,), sampling
    )


def end_of(events: Iterator[Event] | list[Event]) -> Finished:
    *_, last = events
    assert isinstance(last, Finished)
    return last


@pytest.mark.parametrize("architecture", ["llama", "gemma3", "mamba", "lfm2"])
def test_a_stop_in_prefill_keeps_what_was_evaluated(
    engine_host: EngineHost, tmp_path: Path, architecture: str
) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", architecture)
    request = ask(path, LONG)
    events = engine_host.run(request)
    next(event for event in events if isinstance(event, PrefillProgress) and event.done >= N_BATCH)
    engine_host.cancel(request.id)
    rest = list(events)
    stopped = end_of(rest)
    assert stopped.reason is FinishReason.CANCELLED
    assert stopped.n_used >= N_BATCH
    assert stopped.n_used % N_BATCH == 0  # nothing of the step that was stopped in its middle

    again = end_of(engine_host.run(ask(path, LONG, max_tokens=1)))
    assert again.tokens_in > 5 * N_BATCH
    assert again.tokens_reused == stopped.n_used


def test_a_stop_in_decode_keeps_prompt_and_answer(engine_host: EngineHost, tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama")
    request = ask(path, SHORT)
    events = engine_host.run(request)
    next(event for event in events if isinstance(event, TextDelta))
    engine_host.cancel(request.id)
    stopped = end_of(events)
    assert stopped.reason is FinishReason.CANCELLED
    # What was drawn is in the context; but not the last token, where the stop met it.
    assert 0 <= stopped.tokens_in + stopped.tokens_out - stopped.n_used <= 1

    again = end_of(engine_host.run(ask(path, SHORT, max_tokens=1)))
    assert again.tokens_reused == again.tokens_in - 1


@pytest.mark.parametrize(("architecture", "is_stopped"), [("llama", True), ("mamba", False)])
def test_a_slow_token_is_stopped_in_its_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, architecture: str, is_stopped: bool
) -> None:
    monkeypatch.setattr(model_module, "SLOW_TOKEN_S", -1.0)  # all are slow
    path = write_tiny_model(tmp_path / "tiny.gguf", architecture)
    engine = LlamaEngine(child_command("template"))
    try:
        list(engine.run(LoadRequest("1", ModelParams(path, n_ctx=512, n_threads=1))))
        model = engine._model
        assert model is not None
        assert model.evaluate([5, 6, 7])
        assert model.evaluate([8])
        engine._running_id = "2"
        engine.cancel("2")
        before = engine.n_steps
        # A recurrent state could not go back to before the token: it is carried to its end.
        assert model.evaluate([9]) is not is_stopped
        assert engine.n_steps > before
        assert model.tokens == ([5, 6, 7, 8] if is_stopped else [5, 6, 7, 8, 9])
        engine._running_id = "3"
        assert model.evaluate([10])
    finally:
        engine.close()
