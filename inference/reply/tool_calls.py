"""Calls of tools in replies, as four families of models write them, as events.

Used only where the request offers tools: otherwise such text is text. A call that cannot be read
stays text too, as the model wrote it, so nothing of a reply is lost. gpt-oss addresses tools in the
header of a channel, which `channel_text` reads.

Sources: chat templates of DeepSeek-V3.1, Qwen3, Hermes and Llama 3.1 (models/templates/ of
llama.cpp, as of llama-cpp-python 0.3.36).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from inference.engine import TextDelta, ThinkingDelta, ToolCall
from inference.reply.held_back import held_back

Delta = TextDelta | ThinkingDelta | ToolCall


@dataclass(frozen=True, slots=True)
class ToolFamily:
    """How a family writes calls.

    Args:
        open: Calls begin behind it.
        close: They end before it; empty where only the end of the reply ends them.
        read: From the text in between to calls; None where it cannot be read.
        markers: The texts that may be control tokens.
        may_be_bare: A reply that is nothing but a JSON object may be a call without a mark.
    """

    open: str
    close: str
    read: Callable[[str], list[ToolCall] | None]
    markers: tuple[str, ...]
    may_be_bare: bool = False


class Reply(Protocol):
    """What takes the bytes of tokens apart: `ReplyText` or `ChannelText`."""

    @property
    def stopped(self) -> bool:
        """A stop string was met; what follows is ignored."""

    @property
    def in_thinking(self) -> bool:
        """The next token belongs to the thinking."""

    @property
    def is_free(self) -> bool:
        """The next token is not one of the answer's."""

    @property
    def may_open(self) -> bool:
        """The opening tag may come next, where the answer would begin."""

    def feed(self, piece: bytes) -> Iterator[Delta]:
        """Add the bytes of one token; yields what has become certain."""

    def finish(self) -> Iterator[Delta]:
        """Give out what was held back."""


def _call(value: Any) -> ToolCall | None:
    """The call of a JSON object with `name` and `arguments` or `parameters`."""
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(value["name"], text)


def _read_json(text: str) -> list[ToolCall] | None:
    try:
        call = _call(json.loads(text))
    except (ValueError, RecursionError):
        return None
    return [call] if call else None


_BEGIN, _SEPARATOR, _END = "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"


def _read_deepseek(text: str) -> list[ToolCall] | None:
    calls = []
    for part in text.split(_BEGIN)[1:]:
        name, found, arguments = part.partition(_SEPARATOR)
        arguments = arguments.partition(_END)[0].strip()
        try:
            json.loads(arguments)
        except (ValueError, RecursionError):
            return None
        if not found or not name.strip():
            return None
        calls.append(ToolCall(name.strip(), arguments))
    return calls or None


_OPEN_ALL, _CLOSE_ALL = "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"
DEEPSEEK = ToolFamily(
    _OPEN_ALL, _CLOSE_ALL, _read_deepseek, (_OPEN_ALL, _CLOSE_ALL, _BEGIN, _SEPARATOR, _END)
)
HERMES = ToolFamily("<tool_call>", "</tool_call>", _read_json, ("<tool_call>", "</tool_call>"))
LLAMA_3 = ToolFamily("<|python_tag|>", "", _read_json, ("<|python_tag|>",), may_be_bare=True)
_FAMILIES = (
    (_OPEN_ALL, DEEPSEEK),
    ("<tool_call>", HERMES),
    ("<|python_tag|>", LLAMA_3),
    ("Environment: ipython", LLAMA_3),
)
"""By what the template contains."""


def tools_of(template: str) -> ToolFamily | None:
    """The family of a chat template."""
    return next((family for mark, family in _FAMILIES if mark in template), None)


class ToolText:
    """A reply whose answer may hold calls of tools; text around them passes through."""

    def __init__(self, reply: Reply, family: ToolFamily) -> None:
        self._reply = reply
        self._family = family
        self._pending = ""
        self._in_call = False
        self._is_begun = False

    @property
    def stopped(self) -> bool:
        """A stop string was met."""
        return self._reply.stopped

    @property
    def in_thinking(self) -> bool:
        """The next token belongs to the thinking."""
        return self._reply.in_thinking

    @property
    def is_free(self) -> bool:
        """The next token is not one of the answer's."""
        return self._reply.is_free

    @property
    def may_open(self) -> bool:
        """The opening tag may come next, where the answer would begin."""
        return self._reply.may_open

    def feed(self, piece: bytes) -> Iterator[Delta]:
        """Add the bytes of one token; yields what has become certain."""
        for delta in self._reply.feed(piece):
            yield from self._taken(delta)

    def finish(self) -> Iterator[Delta]:
        """Give out what was held back."""
        for delta in self._reply.finish():
            yield from self._taken(delta)
        rest, self._pending = self._pending, ""
        if self._in_call:
            yield from self._calls(rest, written=self._family.open + rest)
        elif rest and self._is_bare(rest):
            yield from self._calls(rest, written=rest)
        elif rest:
            yield TextDelta(rest)

    def _taken(self, delta: Delta) -> Iterator[Delta]:
        if not isinstance(delta, TextDelta):
            yield delta
            return
        self._pending += delta.text
        moved = True
        while moved:
            before = self._in_call
            yield from self._in_one_call() if self._in_call else self._outside()
            moved = self._in_call is not before

    def _outside(self) -> Iterator[Delta]:
        before, found, rest = self._pending.partition(self._family.open)
        if found:
            self._in_call, self._pending = True, rest
            # White space alone is there for the mark's sake.
            text = before if before.strip() else ""
        elif self._is_bare(self._pending):
            text = ""
        else:
            keep = held_back(self._pending, (self._family.open,))
            text = self._pending[: len(self._pending) - keep]
            self._pending = self._pending[len(text) :]
        if text:
            self._is_begun = True
            yield TextDelta(text)

    def _is_bare(self, text: str) -> bool:
        """Whether the answer so far may be nothing but a call."""
        may_be = self._family.may_be_bare and not self._is_begun
        return may_be and text.lstrip()[:1] in ("{", "")

    def _in_one_call(self) -> Iterator[Delta]:
        if not self._family.close:
            return
        inside, found, rest = self._pending.partition(self._family.close)
        if found:
            self._in_call, self._pending = False, rest
            yield from self._calls(inside, self._family.open + inside + self._family.close)

    def _calls(self, inside: str, written: str) -> Iterator[Delta]:
        calls = self._family.read(inside)
        self._is_begun = True
        yield from [TextDelta(written)] if calls is None else calls
