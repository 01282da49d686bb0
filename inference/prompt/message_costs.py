"""About how many tokens messages have in a prompt, without rendering them.

The text of a message is counted once and remembered. What a template writes around each one is
measured on two tiny conversations, which is exact for templates that treat all messages alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from inference.engine import ChatMessage
from inference.errors import ChatTemplateFailed
from inference.prompt.picture_marks import mark

_PROBE = "x"
_UNKNOWN_FRAME = 8
"""For a template that refuses the tiny conversations; most write five tokens."""
_MAX_REMEMBERED = 50_000

CountPrompt = Callable[[tuple[ChatMessage, ...]], int]
"""Tokens of the whole prompt for these messages."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a template adds, in tokens: once, and around each message.

    Less than nothing where a text alone has more tokens than within a prompt.
    """

    once: int
    each: int


NO_FRAME = Frame(0, 0)
"""Of texts alone."""


class TextTokens:
    """Counts tokens of texts and remembers them.

    Args:
        count: Tokens of a text in the middle of a prompt.
    """

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self._known: dict[bytes, int] = {}

    def of(self, text: str) -> int:
        """The tokens of a text."""
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            found = self._known[key] = self._count(text)
        return found

    def of_messages(self, messages: Iterable[ChatMessage], frame: Frame) -> int:
        """The tokens of messages with what stands around each."""
        return sum(self._of_message(m) + frame.each for m in messages)

    def _of_message(self, message: ChatMessage) -> int:
        pictures = sum(self.of(mark(picture)) for picture in message.pictures)
        return self.of(message.content) + self.of(message.thinking) + pictures


def measured_frame(count_prompt: CountPrompt, count: Callable[[str], int]) -> Frame:
    """Find out what a template adds."""
    question, answer = ChatMessage("user", _PROBE), ChatMessage("assistant", _PROBE)
    try:
        one, three = (count_prompt(each) for each in _probes(question, answer))
    except ChatTemplateFailed:
        return Frame(_UNKNOWN_FRAME, _UNKNOWN_FRAME)
    each = -(-(three - one) // 2) - count(_PROBE)
    return Frame(one - count(_PROBE) - each, each)


def _probes(question: ChatMessage, answer: ChatMessage) -> Sequence[tuple[ChatMessage, ...]]:
    return (question,), (question, answer, question)
