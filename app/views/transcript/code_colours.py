"""The colours of a block of code: worked out in slices of time, and again when it has grown."""

from __future__ import annotations

from bisect import bisect_right
from itertools import islice

from PySide6.QtGui import QTextCharFormat, QTextLayout

from app.markdown import CodeBlock
from app.views.transcript.highlight import CodeFormats, Highlighting, Run
from app.views.transcript.marks import utf16_units

_REGROWTH = 1.25
"""A block that is still growing is coloured again when it has grown by this much."""


class CodeColours:
    """What is known of the colours of one block so far."""

    def __init__(self, formats: CodeFormats) -> None:
        self._formats = formats
        self._runs: list[Run] = []
        self._highlighting: Highlighting | None = None
        self._n_chars = -1

    def drop(self) -> None:
        """Other code: begin anew."""
        self._runs = []
        self._highlighting = None
        self._n_chars = -1

    def are_wanted(self, n_chars: int, *, growing: bool) -> bool:
        """Whether `advance` has something to do for a block of so many characters."""
        if self._highlighting is not None:
            return True
        if growing and self._n_chars > 0:
            return n_chars > self._n_chars * _REGROWTH
        return n_chars != self._n_chars

    def advance(self, block: CodeBlock, budget_s: float) -> bool:
        """Work for about that long; True where there are new colours to show."""
        if self._highlighting is None:
            self._highlighting = Highlighting(block.text, block.language)
            self._n_chars = len(block.text)
        if not self._highlighting.advance(budget_s):
            return False
        self._runs = self._highlighting.runs
        self._highlighting = None
        return True

    def of_line(self, line: str, start: int) -> list[QTextLayout.FormatRange]:
        """The colours of one line, which begins at that character of the block."""
        ranges = []
        first = max(bisect_right(self._runs, start, key=_run_start) - 1, 0)
        for run in islice(self._runs, first, None):
            if run.start >= start + len(line):
                break
            look = self._formats.find(run.token)
            low, high = max(run.start - start, 0), min(run.end - start, len(line))
            if look is not None and low < high:
                ranges.append(format_range(line, low, high, look))
        return ranges


def format_range(line: str, low: int, high: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    """A look for part of a line, as a text layout takes it, which counts in UTF-16 units."""
    made = QTextLayout.FormatRange()
    made.start = utf16_units(line, low)
    made.length = utf16_units(line, high) - made.start
    made.format = look
    return made


def _run_start(run: Run) -> int:
    return run.start
