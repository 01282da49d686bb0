from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import wire
from inference.engine import (
    BenchPoint,
    BenchRequest,
    ChatMessage,
    ContextPolicy,
    Counted,
    CountRequest,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    LoadProgress,
    LoadRequest,
    MessagesUnseen,
    ModelParams,
    PrefillProgress,
    Request,
    Sampling,
    Summary,
    SummaryDelta,
    SummaryProgress,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolCall,
)
from inference.errors import EngineError, PromptTooLong

MODEL = ModelParams(
    Path("/models/a b.gguf"), n_ctx=2048, kv_type="q8_0", rpc_servers=("one:1", "other:2")
)


@given(st.text(st.characters(codec=None)))
def test_any_text_crosses_on_one_line(text: str) -> None:
    data = wire.dump(wire.event_line("1", TextDelta(text)))

    assert data.count(b"\n") == 1
    assert wire.read_event(json.loads(data)) == TextDelta(text)


@pytest.mark.parametrize(
    "event",
    [
        LoadProgress(0.5),
        Loaded("m", "llama", 135_000_000, 98_000_000, 8192, 8192, 2, "CPU"),
        Loaded("m", "llama", 1, 2, 3, 4, 5, "C", "all on C", {"CPU": 7, "CUDA0": 8}, "none"),
        PrefillProgress(512, 1000),
        ThinkingDelta("hm"),
        SummaryProgress(0.5),
        SummaryDelta("They met."),
        MessagesUnseen(1, 4, 300, ContextPolicy.DROP_OLDEST, n_characters=7, note="it broke"),
        MessagesUnseen(0, 3, 9, ContextPolicy.SUMMARISE, Summary("They met.", 4), is_new=True),
        BenchPoint(4096, (1, 2), (3, 4)),
        Counted(300, 20, 8192, (5, 6)),
        ToolCall("f", '{"a": 1}'),
        Finished(FinishReason.LENGTH, 10, 20, 5, 1.5, 2.5, 8192),
    ],
)
def test_events_come_out_as_they_went_in(event: Event) -> None:
    read = wire.read_event(json.loads(wire.dump(wire.event_line("1", event))))

    assert read == event
    assert type(read) is type(event)


@pytest.mark.parametrize(
    "request_",
    [
        LoadRequest("7", MODEL),
        BenchRequest("9", MODEL, (0, 1024), n_prompt=64, repetitions=3),
        CountRequest("9", MODEL, (ChatMessage("user", "?"),), ("a", "b"), Summary("They met.", 4)),
        GenerateRequest(
            "8",
            MODEL,
            (ChatMessage("user", "é\n"), ChatMessage("assistant", "a", "t")),
            Sampling(temperature=0, seed=3),
            continue_last=True,
            context_policy=ContextPolicy.SUMMARISE,
            summary=Summary("They met.", 4),
        ),
        GenerateRequest(
            "9",
            MODEL,
            (ChatMessage("user", "?"),),
            Sampling(
                dry_breakers=("\n", "日"),
                order=("top_k", "temperature"),
                logit_bias=((7, float("-inf")), (" yes", 2.5)),
                stop=("\n\n", "Fin"),
            ),
            json_schema='{"type": "null"}',
            thinking=Thinking.OFF,
            thinking_budget=0,
            use_chatml=True,
            tools="[{}]",
        ),
    ],
)
def test_requests_come_out_as_they_went_in(request_: Request) -> None:
    assert wire.read_request(json.loads(wire.dump(wire.request_line(request_)))) == request_


def test_an_error_comes_out_as_its_own_class() -> None:
    line = wire.error_line("1", PromptTooLong("Too long", "9 of 8", "Shorten it"))

    with pytest.raises(PromptTooLong) as caught:
        wire.read_event(json.loads(wire.dump(line)))
    assert (caught.value.title, caught.value.detail, caught.value.hint) == (
        "Too long",
        "9 of 8",
        "Shorten it",
    )


def test_an_unknown_error_comes_out_as_the_base() -> None:
    line = {"id": "1", "event": "error", "kind": "New", "title": "T", "detail": "", "hint": ""}

    with pytest.raises(EngineError, match="T"):
        wire.read_event(line)
