"""The heights of all messages, known or guessed, and where each begins, in logarithmic time."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.conversations import Message
from app.views.theme import SPACING
from app.views.transcript.message_item import MESSAGE_GAP
from app.views.transcript.styles import Styles


def estimate_height(message: Message, styles: Styles, width: int) -> int:
    """About how high a message will be that nobody has laid out yet."""
    style = styles.text
    per_line = max(width / style.char_width, 10)
    lines = len(message.content) / per_line + message.content.count("\n") * 0.8 + 1
    return int(lines * style.line_height) + MESSAGE_GAP + 2 * SPACING


class HeightIndex:
    """Heights in pixels by row, with their sums in a Fenwick tree."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._tree: list[int] = []
        self._build()

    def _build(self) -> None:
        tree = [0, *self._heights]
        for index in range(1, len(tree)):
            parent = index + (index & -index)
            if parent < len(tree):
                tree[parent] += tree[index]
        self._tree = tree

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, row: int) -> int:
        return self._heights[row]

    def __setitem__(self, row: int, height: int) -> None:
        delta = height - self._heights[row]
        if not delta:
            return
        self._heights[row] = height
        index = row + 1
        while index < len(self._tree):
            self._tree[index] += delta
            index += index & -index

    def insert(self, row: int, heights: Iterable[int]) -> None:
        """Make room for new rows."""
        self._heights[row:row] = heights
        self._build()

    def remove(self, first: int, last: int) -> None:
        """Take rows away, both ends included."""
        del self._heights[first : last + 1]
        self._build()

    @property
    def total(self) -> int:
        """The sum of all heights."""
        return self.top(len(self._heights))

    def top(self, row: int) -> int:
        """Where a row begins."""
        total = 0
        while row > 0:
            total += self._tree[row]
            row -= row & -row
        return total

    def row_at(self, y: int) -> int:
        """The row that covers a pixel; the first or last one beyond the ends."""
        position = 0
        step = 1 << len(self._heights).bit_length()
        while step:
            following = position + step
            if following < len(self._tree) and self._tree[following] <= y:
                position = following
                y -= self._tree[following]
            step >>= 1
        return max(min(position, len(self._heights) - 1), 0)
