"""No token is evaluated twice: turns on tiny models of all kinds of memory, counted in tokens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from inference.engine import ChatMessage, EngineOptions, ModelParams, Rank
from inference.llama.engine import LlamaEngine
from inference.llama.prefill import CHECKPOINT_BEFORE_END, CHECKPOINT_EVERY
from tests.inference.engine_in_process import Talk, never, new_engine, run
from tests.inference.tiny_models import write_tiny_model

CUT = ["llama", "deepseek2"]
CHECKPOINTS = ["mamba", "lfm2", "gemma3"]
SLACK = 64
"""What a turn may evaluate beside its new tokens."""
HISTORY = 1000


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LlamaEngine]:
    engine = new_engine(tmp_path / "states")
    yield engine
    engine.close()


def tiny(tmp_path: Path, architecture: str, n_ctx: int = 2048) -> ModelParams:
    path = write_tiny_model(tmp_path / f"{architecture}.gguf", architecture, n_layer=4)
    return ModelParams(path, n_ctx=n_ctx, n_threads=1)


def letters(n: int, letter: str) -> str:
    """A text of so many tokens that nothing else begins with."""
    return letter * n


@pytest.mark.parametrize("architecture", [*CUT, *CHECKPOINTS])
def test_turns_evaluate_what_is_new(engine: LlamaEngine, tmp_path: Path, architecture: str) -> None:
    model = tiny(tmp_path, architecture)
    talks = [Talk(engine, model, name) for name in "abc"]
    for talk in talks:
        assert talk.ask(letters(HISTORY, talk.name)).tokens_evaluated > HISTORY - SLACK
    for talk in talks:  # each comes back after two others
        assert talk.ask("next" * 10).tokens_evaluated <= 40 + SLACK
    talk = talks[-1]
    assert talk.again().tokens_evaluated <= SLACK
    assert talk.edit("other" * 10).tokens_evaluated <= 50 + SLACK
    assert talk.title().tokens_evaluated <= SLACK
    assert talk.again().tokens_evaluated <= SLACK
    assert talks[0].again().tokens_evaluated <= SLACK
    assert talks[1].edit("edited").tokens_evaluated <= SLACK


@pytest.mark.parametrize(
    ("architecture", "n_layer", "n_tokens"),
    [("llama", 1, 4000), ("llama", 1, 8000), ("lfm2", 4, 4000)],
)
def test_long_turns_evaluate_what_is_new(
    engine: LlamaEngine, tmp_path: Path, architecture: str, n_layer: int, n_tokens: int
) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", architecture, n_layer=n_layer)
    model = ModelParams(path, n_ctx=10240, n_threads=1)
    talks = [Talk(engine, model, name) for name in "ab"]
    for talk in talks:
        assert talk.ask(letters(n_tokens, talk.name)).tokens_evaluated > n_tokens - SLACK
    for talk in talks:
        assert talk.ask("next" * 10).tokens_evaluated <= 40 + SLACK
        assert talk.again().tokens_evaluated <= SLACK
        assert talk.edit("other" * 10).tokens_evaluated <= 50 + SLACK
        assert talk.title().tokens_evaluated <= SLACK


def test_a_conversation_that_comes_back_answers_as_if_it_had_stayed(
    engine: LlamaEngine, tmp_path: Path
) -> None:
    for architecture in [*CUT, *CHECKPOINTS]:
        model = tiny(tmp_path, architecture)
        stays, leaves = Talk(engine, model, "a"), Talk(engine, model, "b")
        stays.ask(letters(HISTORY, "x"))
        stays.ask("and then")
        Talk(engine, model, "").ask("z")
        engine.configure(EngineOptions(state_memory_bytes=0))  # forget it
        engine.configure(EngineOptions())
        leaves.ask(letters(HISTORY, "x"))
        Talk(engine, model, "other").ask(letters(HISTORY, "y"))
        end = leaves.ask("and then")
        assert end.tokens_evaluated <= 8 + SLACK
        assert stays.last
        assert leaves.messages == stays.messages


def test_a_memory_that_cannot_be_cut_goes_back_to_a_checkpoint(
    engine: LlamaEngine, tmp_path: Path
) -> None:
    model = tiny(tmp_path, "mamba", n_ctx=4096)
    talk = Talk(engine, model, "a")
    first = letters(CHECKPOINT_EVERY + 500, "x")
    talk.ask(first)
    # The first message changes at its end: the nearest checkpoint lies before that.
    changed = first[:-100] + letters(100, "y")
    talk = Talk(engine, model, "a")
    assert talk.ask(changed).tokens_reused == CHECKPOINT_EVERY
    assert talk.again().tokens_evaluated == CHECKPOINT_BEFORE_END


def test_another_conversation_profits_from_the_same_beginning(
    engine: LlamaEngine, tmp_path: Path
) -> None:
    model = tiny(tmp_path, "llama")
    Talk(engine, model, "a").ask(letters(HISTORY, "x") + "one")
    Talk(engine, model, "b").ask(letters(HISTORY, "y"))
    branch = Talk(engine, model, "c").ask(letters(HISTORY, "x") + "two")
    assert branch.tokens_evaluated <= 3 + SLACK


def test_a_branch_that_was_left_is_found_again(engine: LlamaEngine, tmp_path: Path) -> None:
    model = tiny(tmp_path, "llama")
    talk = Talk(engine, model, "a")
    talk.ask("begin")
    talk.ask(letters(HISTORY, "x"))
    left = list(talk.messages)
    talk.edit(letters(HISTORY, "y"))
    back = Talk(engine, model, "a", left)
    assert back.ask("on").tokens_evaluated <= SLACK


@pytest.mark.parametrize("architecture", ["llama", "lfm2"])
def test_lower_rank_gives_the_screen_its_place_back(tmp_path: Path, architecture: str) -> None:
    engine = new_engine(state_memory_bytes=0)  # not even a budget may cost it its place
    model = replace(tiny(tmp_path, architecture))
    talk = Talk(engine, model, "screen")
    talk.ask(letters(HISTORY, "x"))
    for letter in "yz":
        run(engine, model, [ChatMessage("user", letters(HISTORY, letter))], 4, rank=Rank.BACKGROUND)
    n_used = talk.ask("next").n_used
    assert n_used > HISTORY
    run(engine, model, [ChatMessage("user", letters(HISTORY, "q"))], 4, rank=Rank.BACKGROUND)
    engine.rest(never)
    end = talk.ask("more")
    if architecture == "llama":  # without a budget there are no checkpoints to go back to
        assert end.tokens_evaluated <= SLACK
    assert end.tokens_reused >= n_used - SLACK
    engine.close()


def test_lower_rank_may_use_what_the_screen_has(tmp_path: Path) -> None:
    engine = new_engine(state_memory_bytes=0)
    talk = Talk(engine, tiny(tmp_path, "llama"), "screen")
    talk.ask(letters(HISTORY, "x"))
    foreign = [ChatMessage("user", letters(HISTORY, "y"))]
    for _ in range(2):
        run(engine, talk.model, foreign, 4, rank=Rank.BACKGROUND)
        assert talk.title().tokens_evaluated <= SLACK
    run(engine, talk.model, foreign, 4, rank=Rank.BACKGROUND)
    assert talk.ask("next").tokens_evaluated <= SLACK
    engine.close()


def test_lower_rank_does_not_push_the_screens_states_out(tmp_path: Path) -> None:
    model = tiny(tmp_path, "llama")
    # A token takes 4 layers x 2 heads x 32 x 2 (K and V) x 2 bytes = 1 KiB: room for two states.
    engine = new_engine(state_memory_bytes=5 << 19)
    talks = [Talk(engine, model, name) for name in "abc"]
    for talk in talks:
        talk.ask(letters(HISTORY, talk.name))
    for name in "xyz":
        key = {"rank": Rank.BACKGROUND, "conversation": name}
        run(engine, model, [ChatMessage("user", letters(HISTORY, name))], 4, **key)
    assert all(talk.ask("next").tokens_evaluated <= SLACK for talk in reversed(talks))
    engine.close()


def test_the_least_recently_used_leaves_the_memory_first(tmp_path: Path) -> None:
    model = tiny(tmp_path, "llama")
    engine = new_engine(state_memory_bytes=5 << 19)
    talks = [Talk(engine, model, name) for name in "abcd"]
    for talk in talks:
        talk.ask(letters(HISTORY, talk.name))
    assert talks[2].ask("next").tokens_evaluated <= SLACK
    assert talks[1].ask("next").tokens_evaluated <= SLACK
    assert talks[0].ask("next").tokens_evaluated > HISTORY
    engine.close()


def test_a_state_that_others_begin_with_counts_as_used(tmp_path: Path) -> None:
    model = tiny(tmp_path, "llama")
    engine = new_engine(state_memory_bytes=5 << 19)  # room for two states and a half
    first, second = Talk(engine, model, "a"), Talk(engine, model, "b")
    first.ask(letters(HISTORY, "x"))
    second.ask(letters(HISTORY, "y"))
    branch = Talk(engine, model, "c").ask(letters(600, "x") + letters(200, "z"))
    assert branch.tokens_reused >= 600
    Talk(engine, model, "d").ask(letters(HISTORY, "w"))  # now one has to leave
    assert first.ask("next").tokens_evaluated <= SLACK
    engine.close()


# The budget closes the thinking, the grammar ends the answer.
THINKS = {"thinking_budget": 50, "grammar": "root ::= [a-z]{150}"}
THINKER = (
    "{% for m in messages %}{{ m.role[0] }}:{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}a:<think>{% endif %}"
)


@pytest.mark.parametrize("architecture", ["llama", "lfm2"])
def test_an_answer_without_its_thinking_is_evaluated_in_idle_time(
    engine: LlamaEngine, tmp_path: Path, architecture: str
) -> None:
    path = tmp_path / "thinker.gguf"
    write_tiny_model(path, architecture, n_layer=4, template=THINKER)
    talk = Talk(engine, ModelParams(path, n_ctx=4096, n_threads=1), "a")
    talk.ask(letters(HISTORY, "x"), n_tokens=300, **THINKS)
    assert len(talk.last) == 150
    assert engine.rest(never) is not None
    assert talk.ask("next").tokens_evaluated <= 4 + SLACK


def test_idle_work_stops_when_a_request_comes(engine: LlamaEngine, tmp_path: Path) -> None:
    path = tmp_path / "thinker.gguf"
    write_tiny_model(path, "llama", template=THINKER)
    talk = Talk(engine, ModelParams(path, n_ctx=4096, n_threads=1), "a")
    talk.ask(letters(HISTORY, "x"), n_tokens=300, **THINKS)
    began = time.monotonic()
    assert engine.rest(lambda: True) is None
    assert time.monotonic() - began < 5
    assert talk.ask("next").tokens_evaluated >= 150
