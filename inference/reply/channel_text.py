"""Takes apart replies in channels, as gpt-oss writes them: analysis, commentary, final.

A header, `<|start|>assistant<|channel|>final<|message|>`, names the channel of the text behind it.
Analysis is thinking; the rest is for the reader, except what is addressed to a tool.

Source: https://github.com/openai/harmony/blob/v0.0.8/docs/format.md
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from enum import Enum, auto

from inference.engine import TextDelta, ThinkingDelta, ToolCall
from inference.reply.held_back import held_back

_MESSAGE = "<|message|>"
_END = "<|end|>"
_HEADERS = ("<|channel|>", "<|start|>")


class _Place(Enum):
    HEADER = auto()
    THINKING = auto()
    ANSWER = auto()
    TOOL = auto()
    """A call of a tool, which is not for the reader."""


class ChannelText:
    """Turns token bytes into events, as `ReplyText` does; tokens of markers come as their text.

    Args:
        in_thinking: The prompt ends inside an analysis.
        in_answer: The prompt ends behind the header of the answer.
        stop_strings: The reply ends before the first of these in the answer.
    """

    def __init__(
        self, *, in_thinking: bool, in_answer: bool, stop_strings: Sequence[str] = ()
    ) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._stop_strings = tuple(stop_strings)
        self._pending = ""
        self._tool = ""
        self._place = _Place.THINKING if in_thinking else _Place.HEADER
        if in_answer:
            self._place = _Place.ANSWER
        self.stopped = False
        """A stop string was met; what follows is ignored."""

    @property
    def in_thinking(self) -> bool:
        """The next token belongs to the thinking."""
        return self._place is _Place.THINKING

    @property
    def is_free(self) -> bool:
        """The next token is not one of the answer's."""
        return self._place is not _Place.ANSWER

    @property
    def may_open(self) -> bool:
        """A tag may stand where the answer would; here headers keep the two apart."""
        return False

    def feed(self, piece: bytes) -> Iterator[TextDelta | ThinkingDelta | ToolCall]:
        """Add the bytes of one token; yields what has become certain."""
        yield from self._advance(self._decoder.decode(piece), final=False)

    def finish(self) -> Iterator[TextDelta | ThinkingDelta | ToolCall]:
        """Give out what was held back, but no half character: whoever goes on writes it anew."""
        yield from self._advance("", final=True)

    def _advance(self, text: str, *, final: bool) -> Iterator[TextDelta | ThinkingDelta | ToolCall]:
        self._pending += text
        moved = bool(text) or final
        while moved and not self.stopped:
            before = self._place
            if self._place is _Place.HEADER:
                self._read_header(final)
            else:
                yield from self._body(final)
            moved = self._place is not before

    def _read_header(self, final: bool) -> None:
        header, found, rest = self._pending.partition(_MESSAGE)
        if found:
            self._place = _place_of(header)
            self._tool = _tool_of(header)
            self._pending = rest
        elif final:
            self._pending = ""
        elif not any(
            mark.startswith(self._pending[: len(mark)]) for mark in _HEADERS
        ):  # a model that writes no headers
            self._place = _Place.ANSWER

    def _body(self, final: bool) -> Iterator[TextDelta | ThinkingDelta | ToolCall]:
        is_answer = self._place is _Place.ANSWER
        needles = (_END, *self._stop_strings) if is_answer else (_END,)
        found = min(
            ((at, needle) for needle in needles if (at := self._pending.find(needle)) >= 0),
            default=None,
        )
        if found is None:
            keep = 0 if final else held_back(self._pending, needles)
            text = self._pending[: len(self._pending) - keep]
            self._pending = self._pending[len(text) :]
        else:
            at, needle = found
            text, self._pending = self._pending[:at], self._pending[at + len(needle) :]
        if self._place is _Place.TOOL:
            yield from self._call(text, is_whole=found is not None or final)
        elif text:
            yield TextDelta(text) if is_answer else ThinkingDelta(text)
        if found is not None:
            self.stopped = found[1] != _END
            self._place = _Place.HEADER

    def _call(self, text: str, *, is_whole: bool) -> Iterator[ToolCall]:
        """A call is given out when it is whole; until then its text waits."""
        if not is_whole:
            self._pending = text + self._pending
        elif self._tool:
            yield ToolCall(self._tool, text.strip())
            self._tool = ""


def _tool_of(header: str) -> str:
    """The tool that a header is addressed to; the functions of the request have a prefix."""
    address = header.partition(" to=")[2].partition("<")[0].split()
    return address[0].removeprefix("functions.") if address else ""


def _place_of(header: str) -> _Place:
    channel = header.rpartition("<|channel|>")[2]
    if " to=" in header:
        return _Place.TOOL
    return _Place.THINKING if channel.startswith("analysis") else _Place.ANSWER
