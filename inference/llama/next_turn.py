"""With what the next turn's prompt will begin, once an answer has ended.

Templates leave thinking out of history, and what was drawn token by token may be cut into other
tokens when it is read as a text: the context then does not hold what the next prompt begins with.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

from msgspec.structs import replace

from inference.engine import ChatMessage, Event, GenerateRequest, TextDelta
from inference.llama.model import LoadedModel
from inference.states.kept import as_tokens, shared

T = TypeVar("T")
_QUESTIONS = ("a", "b")
"""Two next questions that have nothing in common."""


class NextTurn:
    """Listens to one answer and knows the beginning of what comes after it.

    Args:
        model: The model that answers.
        request: What it was asked.
        messages: The messages that were in its prompt.
    """

    def __init__(
        self, model: LoadedModel, request: GenerateRequest, messages: Sequence[ChatMessage]
    ) -> None:
        self._model = model
        self._request = request
        self._messages = messages
        self._text: list[str] = []

    def listen(self, deltas: Generator[Event, None, T]) -> Generator[Event, None, T]:
        """Pass an answer on."""
        while True:
            try:
                delta = next(deltas)
            except StopIteration as end:
                result: T = end.value
                return result
            if isinstance(delta, TextDelta):
                self._text.append(delta.text)
            yield delta

    def beginning(self) -> list[int]:
        """The tokens with which every next prompt begins, as far as that is known.

        Raises:
            EngineError: The template fails.
        """
        first, second = (as_tokens(self._prompt(question)) for question in _QUESTIONS)
        tokens: list[int] = first[: shared(first, second)].tolist()
        return tokens

    def _prompt(self, question: str) -> list[int]:
        model, request = self._model, self._request
        prompt = model.template.render(
            (*self._history(), ChatMessage("user", question)),
            False,
            request.thinking,
            use_chatml=request.use_chatml,
            tools=request.tools,
        )
        return model.tokenize(prompt.text)

    def _history(self) -> tuple[ChatMessage, ...]:
        text = "".join(self._text)
        if not self._request.continue_last:
            return (*self._messages, ChatMessage("assistant", text))
        *before, last = self._messages
        return (*before, replace(last, content=last.content + text, thinking=""))
