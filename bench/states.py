"""Tokens evaluated and time to the first word, where nearly all of a conversation is known."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil

from app.child import child_command
from bench.report import Line
from inference.engine import (
    ChatMessage,
    EngineOptions,
    Finished,
    GenerateRequest,
    LoadRequest,
    ModelParams,
    Sampling,
    TextDelta,
)
from inference.gguf_header import read_header
from inference.host import EngineHost

DEPTHS = (1000, 4000, 8000)
"""Tokens of history."""
N_CTX = 16384
"""Room for the deepest history and the quarter that is kept free for an answer."""
WORDS = "The keeper counts the ships that pass the lighthouse and writes their names down. "
QUESTION = "What does the keeper do?"
SLACK = 64
"""Tokens that a turn may evaluate beside its own."""
RESTARTED_SHARE = 0.05
_ids = count()


@dataclass
class _Talk:
    """A conversation of the bench, and what its last turn cost."""

    model: ModelParams
    name: str
    messages: list[ChatMessage] = field(default_factory=list)
    n_tokens: int = 0
    n_evaluated: int = 0
    n_prompt: int = 0
    first_word_ms: float = 0.0
    prefill_ms: float = 0.0

    def ask(self, host: EngineHost, text: str, max_tokens: int = 8) -> None:
        """One more turn."""
        self.messages.append(ChatMessage("user", text))
        self.answer(host, max_tokens)

    def again(self, host: EngineHost) -> None:
        """Another answer in place of the last one."""
        self.messages.pop()
        self.answer(host)

    def answer(self, host: EngineHost, max_tokens: int = 8) -> None:
        """Answer the last message."""
        request = GenerateRequest(
            str(next(_ids)),
            self.model,
            tuple(self.messages),
            Sampling(temperature=0, max_tokens=max_tokens),
            conversation=self.name,
        )
        words: list[str] = []
        began = time.perf_counter()
        for event in host.run(request):
            if isinstance(event, TextDelta):
                if not words:
                    self.first_word_ms = (time.perf_counter() - began) * 1000
                words.append(event.text)
            elif isinstance(event, Finished):
                self.n_tokens = event.tokens_in + event.tokens_out
                self.n_evaluated = event.tokens_evaluated
                self.n_prompt = event.tokens_in
                self.prefill_ms = event.prefill_ms
        self.messages.append(ChatMessage("assistant", "".join(words)))


def measure(model: Path, _repetitions: int) -> list[Line]:
    """Let one conversation grow; each figure is taken once, since all of them are slow."""
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="conclave-states-") as folder:
        states = Path(folder, "states")
        states.mkdir()
        params = ModelParams(_with_longer_context(model, Path(folder)), n_ctx=N_CTX)
        talk = _Talk(params, "long")
        evaluated_ms = 0.0
        for depth in DEPTHS:
            with _engine(states, params) as host:
                evaluated_ms += _grow(talk, host, depth)
                lines += _turns(talk, host, evaluated_ms)
            lines += _restarted(talk, states, params)
    return lines


def _with_longer_context(model: Path, folder: Path) -> Path:
    """A copy that says it was trained on `N_CTX` tokens: it costs the same, whatever it answers."""
    key = f"{read_header(model).architecture}.context_length".encode()
    copy = folder / model.name
    shutil.copyfile(model, copy)
    with copy.open("r+b") as file:
        value_at = file.read(1 << 20).index(key) + len(key) + 4  # behind the value's type
        file.seek(value_at)
        file.write(N_CTX.to_bytes(4, "little"))
    return copy


@contextmanager
def _engine(states: Path, params: ModelParams) -> Iterator[EngineHost]:
    """An engine with the model loaded; at the end it is seen out, while it still writes."""
    host = EngineHost(child_command("engine"), options=EngineOptions(state_folder=states))
    for _ in host.run(LoadRequest(str(next(_ids)), params)):
        pass
    process = psutil.Process(host.process_id)
    try:
        yield host
    finally:
        host.close()
        process.wait(60)


def _grow(talk: _Talk, host: EngineHost, depth: int) -> float:
    """Let the conversation have so many tokens; returns the time of their evaluation."""
    n_words = len(WORDS.split())
    missing = depth - talk.n_tokens
    talk.ask(host, WORDS * (missing * 10 // (n_words * 12)))
    evaluated_ms = talk.prefill_ms
    while (n_before := talk.n_tokens) < depth - 100:
        talk.ask(host, WORDS * 5)
        evaluated_ms += talk.prefill_ms
        if talk.n_tokens <= n_before:
            raise RuntimeError(
                f"{n_before:,} tokens do not grow to {depth:,}: turns left the context"
            )
    return evaluated_ms


def _turns(talk: _Talk, host: EngineHost, evaluated_ms: float) -> list[Line]:
    name = f"{talk.n_tokens:,} tokens of history"
    lines = [Line(f"{name}: evaluating all of it", [evaluated_ms], "ms", 0)]
    n_before = talk.n_tokens
    talk.ask(host, QUESTION)
    lines += _cost(name, "next turn", talk, talk.n_prompt - n_before + SLACK)
    talk.again(host)
    lines += _cost(name, "other answer", talk, SLACK)
    del talk.messages[-2:]
    talk.ask(host, "Why does the keeper do that?")
    lines += _cost(name, "other question", talk, talk.n_prompt - n_before + SLACK)
    n_before = talk.n_tokens
    for other in ("second", "third"):
        _Talk(talk.model, other).ask(host, f"Tell me about the {other} of all things.")
    talk.ask(host, QUESTION)
    n_new = talk.n_prompt - n_before
    return lines + _cost(name, "after two other conversations", talk, n_new + SLACK)


def _restarted(talk: _Talk, states: Path, params: ModelParams) -> list[Line]:
    name = f"{talk.n_tokens:,} tokens of history"
    n_before = talk.n_tokens
    size = max(file.stat().st_size for file in states.iterdir())
    with _engine(states, params) as host:
        talk.ask(host, QUESTION)
    # Of a short history, its new turn alone is more than a share of it.
    at_most = max(RESTARTED_SHARE * talk.n_prompt, talk.n_prompt - n_before + SLACK)
    cost = _cost(name, "after a restart", talk, at_most)
    return [*cost, Line(f"{name}: file", [size / 1e6], "MB")]


def _cost(name: str, turn: str, talk: _Talk, at_most: float) -> list[Line]:
    """What a turn took; `at_most` so many tokens may be evaluated for it."""
    return [
        Line(f"{name}: {turn}", [talk.first_word_ms], "ms", 0),
        Line(f"{name}: {turn}", [talk.n_evaluated], "tokens", 0, at_most=int(at_most)),
    ]
