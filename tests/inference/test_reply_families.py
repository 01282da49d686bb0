"""How families of models write thinking and calls of tools: whole models through the engine.

What they write is taken from the formats' own descriptions: control tokens, and the texts between.

Sources: https://github.com/openai/harmony/blob/v0.0.8/docs/format.md; models/templates/ of
llama.cpp (DeepSeek-V3.1, Qwen3, Llama-3.1, Ministral-3-Reasoning), as of llama-cpp-python 0.3.36.
"""

# ruff: noqa: E501  (tables)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.child import child_command
from inference.engine import (
    ChatMessage,
    Event,
    Finished,
    FinishReason,
    GenerateRequest,
    Loaded,
    ModelParams,
    Sampling,
    TextDelta,
    ThinkingDelta,
    ToolCall,
)
from inference.llama.engine import LlamaEngine
from tests.inference.scripted_model import write_scripted_model

TOOLS = '[{"type": "function", "function": {"name": "weather"}}]'
QUESTION = ChatMessage("user", "Weather?")
CALL = ToolCall("weather", '{"city": "Köln"}')
WORDS = '{"name": "weather", "arguments": {"city": "Köln"}}'


@dataclass(frozen=True)
class Family:
    """What its templates and its vocabulary have in common."""

    template: str
    markers: tuple[str, ...]


CHANNELS = Family(
    "{% for m in messages %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>{% endfor %}"
    "{{ tools }}{% if add_generation_prompt %}<|start|>assistant{% endif %}{# <|channel|> #}",
    ("<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>"),
)  # fmt: skip
MISTRAL = Family(
    "{% for m in messages %}[INST]{{ m.content }}[/INST]{% endfor %}{# [THINK] [/THINK] #}",
    ("[INST]", "[/INST]", "[THINK]", "[/THINK]"),
)
HERMES = Family(
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{{ tools }}<|im_start|>assistant\n{# <think></think> <tool_call> #}",
    ("<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>"),
)
DEEPSEEK = Family(
    "{% for m in messages %}<｜User｜>{{ m.content }}{% endfor %}{{ tools }}<｜Assistant｜></think>"
    "{# <think> <｜tool▁calls▁begin｜> #}",
    ("<｜User｜>", "<｜Assistant｜>", "<think>", "</think>", "<｜tool▁calls▁begin｜>",
     "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"),
)  # fmt: skip
LLAMA_3 = Family(
    "{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>{{ m.content }}<|eot_id|>"
    "{% endfor %}{{ tools }}Environment: ipython<|start_header_id|>assistant<|end_header_id|>",
    ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|eom_id|>", "<|python_tag|>"),
)  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[LlamaEngine]:
    engine = LlamaEngine(child_command("template"))
    yield engine
    engine.close()


def run(engine: LlamaEngine, path: Path, **more: Any) -> list[Event]:
    request = GenerateRequest(
        "1",
        ModelParams(path, n_ctx=1024, n_threads=1),
        (QUESTION,),
        Sampling(temperature=0, max_tokens=more.pop("max_tokens", 150)),
        **more,
    )
    return list(engine.run(request))


def reply(
    engine: LlamaEngine, folder: Path, family: Family, script: Sequence[str], **more: Any
) -> list[Event]:
    """What the engine tells when a model of this family says this."""
    path = write_scripted_model(folder / "silent.gguf", family.template, family.markers)
    end = run(engine, path, max_tokens=1, **more)[-1]
    assert isinstance(end, Finished)
    path = write_scripted_model(
        folder / "scripted.gguf", family.template, family.markers, script, start=end.tokens_in
    )
    return run(engine, path, **more)


def parts(events: list[Event]) -> tuple[str, str, list[ToolCall]]:
    """Thinking, answer and calls."""
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.reason is FinishReason.STOP
    return (
        "".join(event.text for event in events if isinstance(event, ThinkingDelta)),
        "".join(event.text for event in events if isinstance(event, TextDelta)),
        [event for event in events if isinstance(event, ToolCall)],
    )


ANALYSIS = (
    "<|channel|>",
    "analysis",
    "<|message|>",
    "Where? €",
    "<|end|>",
    "<|start|>",
    "assistant",
)
DEEPSEEK_CALL = ("<｜tool▁call▁begin｜>", "weather", "<｜tool▁sep｜>", CALL.arguments,
                 "<｜tool▁call▁end｜>")  # fmt: skip


@pytest.mark.parametrize(
    ("family", "script", "thinking", "answer", "calls"),
    [
        (CHANNELS, (*ANALYSIS, "<|channel|>", "final", "<|message|>", "Rain.", "<|return|>"), "Where? €", "Rain.", []),
        (CHANNELS, (*ANALYSIS, "<|channel|>", "commentary to=functions.weather ", "<|constrain|>", "json",
                    "<|message|>", CALL.arguments, "<|call|>"), "Where? €", "", [CALL]),
        (MISTRAL, ("[THINK]", "Where?", "[/THINK]", "Rain."), "Where?", "Rain.", []),
        (HERMES, ("<think>", "\nWhere?\n", "</think>", "\n\nRain.", "<|im_end|>"), "Where?", "Rain.", []),
        (HERMES, ("I look. ", "<tool_call>", f"\n{WORDS}\n", "</tool_call>"), "", "I look. ", [CALL]),
        (DEEPSEEK, ("I look.", "<｜tool▁calls▁begin｜>", *DEEPSEEK_CALL, *DEEPSEEK_CALL, "<｜tool▁calls▁end｜>"),
         "", "I look.", [CALL, CALL]),
        (LLAMA_3, ("<|python_tag|>", WORDS.replace("arguments", "parameters"), "<|eom_id|>"), "", "", [CALL]),
        (LLAMA_3, (WORDS.replace("arguments", "parameters"), "<|eot_id|>"), "", "", [CALL]),
        (LLAMA_3, ("No call: {}.", "<|eot_id|>"), "", "No call: {}.", []),
    ],
)  # fmt: skip
def test_thinking_answer_and_calls_are_told_apart(
    engine: LlamaEngine,
    tmp_path: Path,
    family: Family,
    script: Sequence[str],
    thinking: str,
    answer: str,
    calls: list[ToolCall],
) -> None:
    events = reply(engine, tmp_path, family, script, tools=TOOLS)
    assert parts(events) == (thinking, answer, calls)


def test_without_tools_a_call_is_text(engine: LlamaEngine, tmp_path: Path) -> None:
    script = ("<tool_call>", WORDS, "</tool_call>")
    events = reply(engine, tmp_path, HERMES, script)
    assert parts(events) == ("", "".join(script), [])


@pytest.mark.parametrize(
    ("family", "script", "closing"),
    [
        (CHANNELS, ("<|channel|>", "analysis", "<|message|>", "abcdefghij"),
         "<|end|><|start|>assistant<|channel|>final<|message|>"),
        (MISTRAL, ("[THINK]", "abcdefghij"), "[/THINK]"),
        (HERMES, ("<think>", "abcdefghij"), "\n</think>\n\n"),
    ],
)  # fmt: skip
def test_a_budget_closes_the_thinking_in_the_familys_own_way(
    engine: LlamaEngine, tmp_path: Path, family: Family, script: Sequence[str], closing: str
) -> None:
    budget = 4
    # What the engine writes in the model's name takes the positions of so many tokens, at which
    # this model would have said something else.
    n_written = sum(1 for mark in family.markers if mark in closing)
    left = closing
    for mark in family.markers:
        left = left.replace(mark, "")
    n_written += len(left)
    spoken = (*script[:-1], script[-1][:budget], "-" * n_written, "Rain.")
    events = reply(engine, tmp_path, family, spoken, thinking_budget=budget)
    assert parts(events) == ("abcd", "Rain.", [])


def test_a_model_with_tags_says_that_it_thinks(engine: LlamaEngine, tmp_path: Path) -> None:
    for family in (CHANNELS, MISTRAL, HERMES):
        events = reply(engine, tmp_path, family, ("Yes",))
        assert [event.thinks for event in events if isinstance(event, Loaded)] == [True]
