"""What was evaluated before the end of the program is not evaluated again after it."""

from __future__ import annotations

import logging
import os
import stat
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from inference.engine import (
    ChatMessage,
    EngineOptions,
    Finished,
    GenerateRequest,
    ModelParams,
    Sampling,
    TextDelta,
)
from inference.host import EngineHost
from inference.states.files import ENDING, read_state, write_state
from tests.inference.conftest import ENGINE_COMMAND
from tests.inference.tiny_models import write_tiny_model

_LETTERS = tuple(
    (token, float("-inf")) for token in range(512) if not ord("a") <= token - 3 <= ord("z")
)


class Program:
    """The engine as a program has it, from its start to its end."""

    def __init__(self, folder: Path, *, with_disk: bool = True) -> None:
        self.folder = folder
        options = EngineOptions(state_folder=folder if with_disk else None)
        self.host = EngineHost(ENGINE_COMMAND, options=options)

    def ask(self, model: ModelParams, *texts: str, **more: Any) -> tuple[str, Finished]:
        messages = tuple(
            ChatMessage("assistant" if index % 2 else "user", text)
            for index, text in enumerate(texts)
        )
        biases = _LETTERS if "tiny" in model.path.name else ()
        sampling = Sampling(temperature=0, max_tokens=16, logit_bias=biases)
        more.setdefault("conversation", "1")
        request = GenerateRequest(os.urandom(4).hex(), model, messages, sampling, **more)
        *events, end = self.host.run(request)
        assert isinstance(end, Finished)
        return "".join(event.text for event in events if isinstance(event, TextDelta)), end

    def end(self) -> None:
        """End it as a window does, and see the engine out, which may still write."""
        process = psutil.Process(self.host.process_id)
        self.host.close()
        process.wait(60)

    @property
    def states(self) -> list[Path]:
        return sorted(self.folder.iterdir()) if self.folder.exists() else []


def never_stopped(model: ModelParams, folder: Path, first: str, second: str) -> list[str]:
    """The answers of a program that stays."""
    program = Program(folder, with_disk=False)
    answer, _ = program.ask(model, first)
    next_answer, _ = program.ask(model, first, answer, second)
    program.end()
    assert program.states == []
    return [answer, next_answer]


@pytest.mark.parametrize(
    ("architecture", "n_layer", "n_tokens"),
    [("llama", 1, 7400), ("lfm2", 4, 2400), ("mamba", 1, 2400), ("gemma3", 2, 2400)],
)
def test_a_long_conversation_goes_on_after_a_restart(
    tmp_path: Path, architecture: str, n_layer: int, n_tokens: int
) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", architecture, n_layer=n_layer)
    model = ModelParams(path, n_ctx=10240, n_threads=1)
    history, question = "abcdefgh" * (n_tokens // 8 + 1), "and then?"
    expected = never_stopped(model, tmp_path / "none", history, question)

    before = Program(tmp_path / "states")
    answer, end = before.ask(model, history)
    before.end()
    assert end.tokens_in > n_tokens
    (file,) = before.states
    assert file.name.endswith(ENDING)
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700

    after = Program(tmp_path / "states")
    next_answer, end = after.ask(model, history, answer, question)
    after.end()
    assert end.tokens_evaluated <= 0.05 * end.tokens_in
    assert [answer, next_answer] == expected


def test_the_starter_model_goes_on_word_for_word(tmp_path: Path, starter_model: Path) -> None:
    model = ModelParams(starter_model, n_ctx=2048, n_threads=1)
    history = "Here is a list of things: " + ", ".join(f"thing {n}" for n in range(60))
    question = "Which one is the last?"
    expected = never_stopped(model, tmp_path / "none", history, question)

    before = Program(tmp_path / "states")
    answer, _ = before.ask(model, history)
    before.end()
    after = Program(tmp_path / "states")
    next_answer, end = after.ask(model, history, answer, question)
    after.end()
    assert end.tokens_in > 250
    assert end.tokens_evaluated <= 64
    assert [answer, next_answer] == expected


@pytest.mark.parametrize("harm", ["damaged", "cut off", "of another context", "refused"])
def test_a_state_that_cannot_be_used_is_evaluated_again(tmp_path: Path, harm: str) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama", n_layer=2)
    model = ModelParams(path, n_ctx=2048, n_threads=1)
    history, question = "abcdefgh" * 100, "and then?"
    before = Program(tmp_path / "states")
    answer, _ = before.ask(model, history)
    before.end()
    (file,) = before.states
    data = bytearray(file.read_bytes())
    if harm == "damaged":
        data[-10] ^= 1
    elif harm == "cut off":
        del data[-10:]
    file.write_bytes(data)
    if harm == "of another context":
        model = ModelParams(path, n_ctx=1024, n_threads=1)
    if harm == "refused":
        _let_llama_refuse(file)
    after = Program(tmp_path / "states")
    _, end = after.ask(model, history, answer, question)
    after.end()
    assert end.tokens_evaluated == end.tokens_in
    assert end.tokens_out == 16


def _let_llama_refuse(file: Path) -> None:
    """Write a whole file again whose state has another magic number of llama.cpp's."""
    state = read_state(file)
    data = state.data.copy()
    data[0] ^= 1
    write_state(replace(state, data=data), file, lambda: True)


def test_private_conversations_leave_nothing(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama", n_layer=2)
    model = ModelParams(path, n_ctx=2048, n_threads=1)
    program = Program(tmp_path / "states")
    answer, _ = program.ask(model, "secret" * 50, is_private=True)
    program.ask(model, "other" * 50, is_private=True, conversation="2")
    _, end = program.ask(model, "secret" * 50, answer, "more", is_private=True)
    assert end.tokens_evaluated <= 64  # in memory it is known
    program.end()
    assert program.states == []


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a signal of POSIX")
def test_an_engine_that_is_killed_loses_only_what_was_not_written(tmp_path: Path) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama", n_layer=2)
    model = ModelParams(path, n_ctx=2048, n_threads=1)
    program = Program(tmp_path / "states")
    answer, _ = program.ask(model, "first" * 100)
    program.ask(model, "second" * 100)  # puts the first aside, from where it is written
    deadline = time.monotonic() + 60
    while not program.states or not program.states[0].name.endswith(ENDING):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process = psutil.Process(program.host.process_id)
    process.kill()
    process.wait(60)
    _, end = program.ask(model, "first" * 100, answer, "more")
    assert end.tokens_evaluated <= 64
    program.end()


def test_closing_does_not_wait_for_the_disk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama", n_layer=2)
    model = ModelParams(path, n_ctx=2048, n_threads=1)
    program = Program(tmp_path / "states")
    # Drawn by chance, the end of the answer may come before its first letter.
    sampling = Sampling(temperature=0, logit_bias=_LETTERS)
    question = (ChatMessage("user", "abc" * 300),)
    events = program.host.run(GenerateRequest("1", model, question, sampling, conversation="1"))
    next(event for event in events if isinstance(event, TextDelta))
    with caplog.at_level(logging.WARNING):
        program.end()  # in the middle of an answer
    assert len(program.states) == 1
    events.close()
