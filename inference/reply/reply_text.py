"""Takes the bytes a model generates apart into answer and thinking, as they come.

Three things are held back until they are certain: bytes of a character that is not whole yet, text
that may be the beginning of a tag, and text that may be the beginning of a stop string.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from enum import Enum, auto

from inference.engine import TextDelta, ThinkingDelta
from inference.prompt.thinking import THINK, ThinkingTags
from inference.reply.held_back import held_back


class _Place(Enum):
    START = auto()
    """Before the first visible character: a thinking tag may open here."""
    THINKING_START = auto()
    """Just behind the opening tag; white space is dropped."""
    THINKING = auto()
    ANSWER_START = auto()
    """Just behind the closing tag; white space is dropped."""
    ANSWER = auto()


class ReplyText:
    """Turns token bytes into `TextDelta` and `ThinkingDelta` events.

    Args:
        in_thinking: The prompt ends inside an open thinking tag.
        at_start: Nothing of the reply has been written yet, so a thinking tag may open it.
        stop_strings: The reply ends before the first of these in the answer.
        tags: What the model puts around its thinking.
    """

    def __init__(
        self,
        *,
        in_thinking: bool,
        at_start: bool,
        stop_strings: Sequence[str] = (),
        tags: ThinkingTags = THINK,
    ) -> None:
        self._open, self._close = tags.open, tags.close
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._stop_strings = tuple(stop_strings)
        self._pending = ""
        self._place = _Place.ANSWER
        if in_thinking:
            self._place = _Place.THINKING_START if at_start else _Place.THINKING
        elif at_start:
            self._place = _Place.START
        self.stopped = False
        """A stop string was met; what follows is ignored."""

    @property
    def in_thinking(self) -> bool:
        """The next token belongs to the thinking."""
        return self._place in (_Place.THINKING, _Place.THINKING_START)

    @property
    def is_free(self) -> bool:
        """The next token is not one of the answer's."""
        return self.in_thinking

    @property
    def may_open(self) -> bool:
        """The opening tag may come next, where the answer would begin."""
        return self._place is _Place.START

    def feed(self, piece: bytes) -> Iterator[TextDelta | ThinkingDelta]:
        """Add the bytes of one token; yields what has become certain."""
        yield from self._advance(self._decoder.decode(piece), final=False)

    def finish(self) -> Iterator[TextDelta | ThinkingDelta]:
        """Give out what was held back, but no half character: whoever goes on writes it anew."""
        yield from self._advance("", final=True)

    def _advance(self, text: str, *, final: bool) -> Iterator[TextDelta | ThinkingDelta]:
        if not text and not final:
            return
        self._pending += text
        moved = True
        while moved and not self.stopped:
            before = self._place
            yield from self._step(final)
            moved = self._place is not before

    def _step(self, final: bool) -> Iterator[TextDelta | ThinkingDelta]:
        match self._place:
            case _Place.START:
                self._look_for_tag(final)
            case _Place.THINKING_START:
                self._drop_space_then(_Place.THINKING)
            case _Place.ANSWER_START:
                self._drop_space_then(_Place.ANSWER)
            case _Place.THINKING:
                yield from self._thinking(final)
            case _Place.ANSWER:
                yield from self._answer(final)

    def _look_for_tag(self, final: bool) -> None:
        visible = self._pending.lstrip()
        if visible.startswith(self._open):
            self._pending = visible[len(self._open) :]
            self._place = _Place.THINKING_START
        elif final or not self._open.startswith(visible):
            self._place = _Place.ANSWER

    def _drop_space_then(self, place: _Place) -> None:
        self._pending = self._pending.lstrip()
        if self._pending:
            self._place = place

    def _thinking(self, final: bool) -> Iterator[ThinkingDelta]:
        found = self._pending.find(self._close)
        if found >= 0:
            text = self._pending[:found].rstrip()
            self._pending = self._pending[found + len(self._close) :]
            self._place = _Place.ANSWER_START
        else:
            text = self._take((self._close,), final, keep_space=True)
        if text:
            yield ThinkingDelta(text)

    def _answer(self, final: bool) -> Iterator[TextDelta]:
        found = [at for stop in self._stop_strings if (at := self._pending.find(stop)) >= 0]
        if found:
            text = self._pending[: min(found)]
            self._pending = ""
            self.stopped = True
        else:
            text = self._take(self._stop_strings, final)
        if text:
            yield TextDelta(text)

    def _take(self, needles: Sequence[str], final: bool, *, keep_space: bool = False) -> str:
        """Cut off what is certain; with `keep_space`, white space at the end waits as well."""
        keep = 0 if final else held_back(self._pending, needles)
        text = self._pending[: len(self._pending) - keep]
        if keep_space:
            text = text.rstrip()
        self._pending = "" if final else self._pending[len(text) :]
        return text
