"""Parses a message while it grows, or a finished one bit by bit, so that nobody has to wait."""

from __future__ import annotations

import math
import time

from app.markdown.blocks import Block, NoteBlock, Omission
from app.markdown.convert import Converter
from app.markdown.incremental import Knowledge, Pass
from app.markdown.inline import InlineParser
from app.markdown.parser import parser
from app.markdown.plain import clean, plain_blocks

MAX_MARKDOWN_CHARS = 200_000
"""A longer message is shown as it is written."""
SLICE_CHARS = 1_000
MAX_SLICE_CHARS = 4_000


class MarkdownStream:
    """The blocks of a message that is fed piece by piece.

    `update` and `finish` take a time in seconds; when it is over they stop after the slice in hand,
    `behind` is true, and the next call goes on.
    """

    def __init__(self) -> None:
        self._markdown = parser()
        self._converter = Converter(InlineParser(self._markdown))
        self._parts: list[str] = []
        self._length = 0
        self._held_back = ""
        self._waiting = ""
        self._pass = Pass(self._markdown, self._converter, Knowledge())
        self._second: Pass | None = None
        self.behind = False
        """Whether there is text that `blocks` do not show yet."""

    @property
    def blocks(self) -> list[Block]:
        """The message as of the last update; treat as read-only."""
        return self._pass.blocks

    @property
    def n_waiting(self) -> int:
        """How many characters `blocks` do not show yet."""
        return len(self._waiting) if self._second is None else 0

    def feed(self, text: str) -> None:
        """Add text; `update` makes it show."""
        text = self._held_back + text
        self._held_back = "\r" if text.endswith("\r") else ""
        self._add(clean(text.removesuffix("\r")))

    def update(self, budget_s: float = math.inf) -> int:
        """Parse what is new; the index of the first block that may have changed."""
        if self._length > MAX_MARKDOWN_CHARS:
            return self._show_as_written()
        return self._run(self._pass, time.perf_counter() + budget_s)

    def finish(self, budget_s: float = math.inf) -> int:
        """Parse the rest, knowing that no more will come; the index as in `update`."""
        self._add("\n" if self._held_back else "")
        self._held_back = ""
        if self._length > MAX_MARKDOWN_CHARS:
            return self._show_as_written()
        until = time.perf_counter() + budget_s
        changed = len(self.blocks)
        if self._second is None:
            changed = self._run(self._pass, until)
            if self.behind:
                return changed
            changed = min(changed, self._pass.add("", final=True))
            if not self._pass.reaches_back:
                return changed
            self._second = Pass(self._markdown, self._converter, self._pass.knowledge())
            self._waiting = "".join(self._parts)
        return min(changed, self._run_second(self._second, until))

    def _run_second(self, second: Pass, until: float) -> int:
        """Parse everything again, with what is known now; the old blocks stay until it is done."""
        self._run(second, until)
        if self.behind:
            return len(self.blocks)
        second.add("", final=True)
        second.reaches_back = False
        self._pass, self._second = second, None
        return 0

    def _run(self, parse: Pass, until: float) -> int:
        """Give a pass what is waiting, slice by slice."""
        changed = len(parse.blocks)
        while True:
            size = min(max(SLICE_CHARS, parse.n_unsettled), MAX_SLICE_CHARS)
            piece, self._waiting = self._waiting[:size], self._waiting[size:]
            changed = min(changed, parse.add(piece, final=False))
            self.behind = bool(self._waiting)
            if not self.behind or time.perf_counter() > until:
                return changed

    def _show_as_written(self) -> int:
        text = "".join(self._parts)
        note = NoteBlock(Omission.MESSAGE_LENGTH, self._length)
        self._pass.blocks[:] = [note, *plain_blocks(text)]
        self._waiting = ""
        self.behind = False
        return 0

    def _add(self, text: str) -> None:
        if not text:
            return
        if self._second is not None:
            self._second = None
            self._waiting = ""
            self._pass.reaches_back = True
        self._parts.append(text)
        self._length += len(text)
        self._waiting += text
