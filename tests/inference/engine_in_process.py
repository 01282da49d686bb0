"""The engine in the test's own process, on tiny models, and conversations that are held with it."""

from __future__ import annotations

import itertools
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inference.engine import (
    ChatMessage,
    EngineOptions,
    Finished,
    GenerateRequest,
    ModelParams,
    Rank,
    Sampling,
    TextDelta,
)
from inference.llama.engine import LlamaEngine

_TEMPLATES = [sys.executable, "-m", "app", "--child=template"]
_ids = itertools.count()
# Of the tiny models' 512 tokens, 3 to 258 are the bytes. Only small letters are drawn, so that an
# answer is cut into the same tokens when it comes back as a text, and the end (2) only where a
# grammar leaves nothing else.
_END = 2
LETTERS = tuple(
    (token, -100.0 if token == _END else float("-inf"))
    for token in range(512)
    if not ord("a") <= token - 3 <= ord("z")
)


def never() -> bool:
    return False


def new_engine(folder: Path | None = None, **options: Any) -> LlamaEngine:
    engine = LlamaEngine(_TEMPLATES)
    engine.configure(EngineOptions(state_folder=folder, **options))
    return engine


@dataclass
class Talk:
    """A conversation as an application holds it: whole messages, no tokens."""

    engine: LlamaEngine
    model: ModelParams
    name: str
    messages: list[ChatMessage] = field(default_factory=list)

    def ask(self, text: str, **more: Any) -> Finished:
        """One more turn; its answer joins the messages."""
        self.messages.append(ChatMessage("user", text))
        return self.answer(**more)

    def answer(self, n_tokens: int = 6, **more: Any) -> Finished:
        """Answer the last message."""
        text, end = run(
            self.engine, self.model, self.messages, n_tokens, conversation=self.name, **more
        )
        self.messages.append(ChatMessage("assistant", text))
        return end

    def again(self) -> Finished:
        """Another answer in place of the last one."""
        self.messages.pop()
        return self.answer()

    def edit(self, text: str) -> Finished:
        """Another question in place of the last one."""
        del self.messages[-2:]
        return self.ask(text)

    def title(self) -> Finished:
        """What a program asks behind the reader's back."""
        messages = [*self.messages, ChatMessage("user", "title?")]
        return run(self.engine, self.model, messages, 6, rank=Rank.BACKGROUND)[1]

    @property
    def last(self) -> str:
        return self.messages[-1].content


def run(
    engine: LlamaEngine,
    model: ModelParams,
    messages: list[ChatMessage],
    n_tokens: int,
    **more: Any,
) -> tuple[str, Finished]:
    """The text of a greedy answer, and its end."""
    sampling = Sampling(temperature=0, max_tokens=n_tokens, logit_bias=LETTERS)
    request = GenerateRequest(str(next(_ids)), model, tuple(messages), sampling, **more)
    *events, end = engine.run(request)
    assert isinstance(end, Finished)
    return "".join(event.text for event in events if isinstance(event, TextDelta)), end
