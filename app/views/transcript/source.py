"""The text of a message and the blocks it has become so far."""

from __future__ import annotations

import math

from app.markdown import Block, MarkdownStream, plain_blocks


class Source:
    """The blocks of one text, which may still be growing."""

    def __init__(self, text: str, *, typed: bool = False) -> None:
        self.typed = typed
        self.blocks: list[Block] = []
        self._text = ""
        self._stream = MarkdownStream()
        self._finished = False
        self.set(text)

    @property
    def started(self) -> bool:
        """Whether there is any text."""
        return bool(self._text)

    @property
    def behind(self) -> bool:
        """Whether `update` has more to do."""
        return self._stream.behind

    @property
    def n_waiting(self) -> int:
        """How many characters the blocks do not show yet; of what was typed, none wait."""
        return 0 if self.typed else self._stream.n_waiting

    def set(self, text: str) -> None:
        """Become this text; what was parsed is kept where it is the beginning of it."""
        if len(text) == len(self._text) and text == self._text:
            return
        if text.startswith(self._text):
            self._stream.feed(text[len(self._text) :])
        else:
            self._stream = MarkdownStream()
            self._stream.feed(text)
            self.blocks = []
        self._text = text
        self._finished = False

    def update(self, *, final: bool, budget_s: float = math.inf) -> int:
        """Parse what is new for about that long; the first block that may have changed."""
        if self._finished or not self._text:
            return len(self.blocks)
        fresh = not self.blocks
        if self.typed:
            self._finished = True
            self.blocks = [*plain_blocks(self._text)]
            return 0
        advance = self._stream.finish if final else self._stream.update
        changed = advance(budget_s)
        self._finished = final and not self.behind
        self.blocks = self._stream.blocks
        return 0 if fresh else changed
