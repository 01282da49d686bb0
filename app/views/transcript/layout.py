"""Where every message stands, without laying out more of them than are seen.

Heights are estimates until a message is seen. When they turn out otherwise, what the reader looks
at stays where it is: `settle` holds on to an anchor.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

from app.domain.conversations import Message, Role
from app.item_models.transcript import Horizon, TranscriptModel
from app.markdown import find_anchor
from app.views.transcript.anchoring import Anchor, Seen, anchor_among, edge_for
from app.views.transcript.entry import Section
from app.views.transcript.heights import HeightIndex, estimate_height
from app.views.transcript.message_item import BUBBLE_SHARE, MessageItem
from app.views.transcript.selection import Address, Place
from app.views.transcript.styles import Styles

TOP_MARGIN = 24
SIDE_MARGIN = 24
MAX_OPEN = 60
"""Messages that stay laid out; the least recently seen go first."""
RELEASE_SCREENS = 3
"""Documents further than so many screens away are dropped."""
_MAX_ROUNDS = 12


class TranscriptLayout:
    """Lays out a model's messages in a column of a view."""

    def __init__(self, styles: Styles) -> None:
        self._model: TranscriptModel | None = None
        self._styles = styles
        self._heights = HeightIndex()
        self._items: OrderedDict[int, MessageItem] = OrderedDict()
        self._thought_open: dict[int, bool] = {}
        self._view_width = 0

    # Geometry

    @property
    def column_width(self) -> int:
        """The width of the text."""
        return max(min(self._styles.column_width, self._view_width - 2 * SIDE_MARGIN), 80)

    @property
    def column_left(self) -> int:
        """Where the text begins, from the view's left edge."""
        return max((self._view_width - self.column_width) // 2, 0)

    @property
    def total_height(self) -> int:
        """The height of the whole conversation, as far as it is known."""
        return self._heights.total + TOP_MARGIN if len(self._heights) else 0

    @property
    def n_rows(self) -> int:
        """The number of messages."""
        return len(self._heights)

    def top_of(self, row: int) -> int:
        """Where a message begins."""
        return self._heights.top(row) + TOP_MARGIN

    def row_at(self, y: int) -> int:
        """The message at that height, or the nearest."""
        return self._heights.row_at(y - TOP_MARGIN)

    def rows_between(self, top: int, bottom: int) -> Iterator[int]:
        """The messages that touch a range of heights."""
        if not self.n_rows:
            return
        row = self.row_at(top)
        y = self.top_of(row)
        while row < self.n_rows and y < bottom:
            yield row
            y += self._heights[row]
            row += 1

    # Content

    def set_model(self, model: TranscriptModel | None) -> None:
        """Lay out another model."""
        self._model = model
        self.reset()

    def set_styles(self, styles: Styles) -> None:
        """Take other colours and fonts; everything is laid out again as it is seen."""
        self._styles = styles
        self._items.clear()
        self._estimate_all()

    def set_view_width(self, width: int) -> None:
        """Follow the width of the view."""
        before = self.column_width
        self._view_width = width
        if self.column_width != before:
            self._estimate_all()
            for item in self._items.values():
                item.set_width(self.column_width)
            self._keep_open_heights()

    def reset(self) -> None:
        """Forget everything and look at the model again."""
        self._items.clear()
        self._thought_open.clear()
        self._estimate_all()

    def _estimate_all(self) -> None:
        n_rows = self._model.rowCount() if self._model else 0
        self._heights = HeightIndex(map(self._estimate, range(n_rows)))

    def _keep_open_heights(self) -> None:
        if self._model:
            for message_id, item in self._items.items():
                row = self._model.row_of(message_id)
                if row is not None:
                    self._heights[row] = item.height

    def _estimate(self, row: int) -> int:
        message = self._message(row)
        share = BUBBLE_SHARE if message.role is Role.USER else 1.0
        return estimate_height(message, self._styles, int(self.column_width * share))

    def _message(self, row: int) -> Message:
        assert self._model is not None
        return self._model.message_at(row)

    def _horizon(self, row: int) -> Horizon | None:
        assert self._model is not None
        return self._model.horizon_at(row)

    def insert(self, first: int, last: int) -> None:
        """Rows were added to the model."""
        self._heights.insert(first, [self._estimate(row) for row in range(first, last + 1)])

    def remove(self, first: int, last: int) -> None:
        """Rows were taken from the model."""
        self._heights.remove(first, last)
        known = {self._message(row).id for row in range(self.n_rows)}
        for message_id in [each for each in self._items if each not in known]:
            del self._items[message_id]

    def change(self, row: int, *, hold_thought: bool = False) -> None:
        """A message has a new state; `hold_thought` as in `grow`."""
        message = self._message(row)
        item = self._items.get(message.id)
        if item is None:
            self._heights[row] = self._estimate(row)
        else:
            if hold_thought:
                self._hold_thought(item)
            item.set_message(message, self._horizon(row))
            self._heights[row] = item.height

    def grow(self, row: int, *, seen: bool, hold_thought: bool) -> None:
        """A message got longer; out of sight nothing is laid out for it.

        With `hold_thought` thinking that can be read now stays open when the answer begins.
        """
        message = self._message(row)
        item = self._items.get(message.id)
        if item is None or not seen:
            self._items.pop(message.id, None)
            self._heights[row] = max(self._estimate(row), self._heights[row])
            return
        if hold_thought:
            self._hold_thought(item)
        item.set_message(message, self._horizon(row))
        self._heights[row] = item.height

    def _hold_thought(self, item: MessageItem) -> None:
        if item.has_thinking and item.thought_is_open:
            item.thought_open = self._thought_open[item.message.id] = True

    def item(self, row: int) -> MessageItem:
        """The laid out message of a row."""
        message = self._message(row)
        found = self._items.get(message.id)
        if found is None:
            chosen = self._thought_open.get(message.id)
            found = MessageItem(
                message, self._styles, self.column_width, chosen, self._horizon(row)
            )
            self._items[message.id] = found
            self._heights[row] = found.height
        self._items.move_to_end(message.id)
        return found

    def peek(self, row: int) -> MessageItem:
        """The message of a row for a moment; heights stay as they are."""
        message = self._message(row)
        chosen = self._thought_open.get(message.id)
        return self._items.get(message.id) or MessageItem(
            message, self._styles, self.column_width, chosen, self._horizon(row)
        )

    def opened(self, row: int) -> MessageItem | None:
        """The laid out message of a row, if it is laid out."""
        return self._items.get(self._message(row).id)

    def thought_is_open(self, row: int) -> bool:
        """Whether the thinking of a message can be read; nothing is laid out for it."""
        item = self.opened(row)
        return (
            item.thought_is_open if item else self._thought_open.get(self._message(row).id, False)
        )

    def proceed(self, rows: Iterable[int]) -> bool:
        """Go on with the first of these messages that is not laid out wholly; False if none."""
        for row in rows:
            item = self.opened(row)
            if item is not None and item.behind:
                item.proceed()
                self._heights[row] = item.height
                return True
        return False

    def refresh_formulas(self) -> None:
        """Show the pictures of formulas that have arrived."""
        for item in self._items.values():
            if item.refresh_formulas():
                item.relayout()
        self._keep_open_heights()

    def anchor_spot(self, row: int, name: str) -> tuple[Place, Place, int] | None:
        """The block that a link within a message leads to, and how far below the top it begins."""
        item = self.item(row)
        index = find_anchor(item.blocks, name)
        entry = item.find(Section.TEXT, index) if index is not None else None
        if entry is None:
            return None
        address = Address(row, entry.section, entry.index)
        top = self.top_of(row) + entry.y
        return Place(address, 0), Place(address, entry.piece.length()), top

    def toggle_thought(self, row: int) -> None:
        """Show or hide the thinking of a message."""
        item = self.item(row)
        item.toggle_thought()
        self._thought_open[item.message.id] = item.thought_is_open
        self._heights[row] = item.height

    # What is seen

    def settle(self, top: int, height: int, *, follow_end: bool) -> int:
        """Measure what is in sight; where the view's upper edge is then, so that nothing jumps."""
        if not self.n_rows:
            return 0
        anchor = None if follow_end else self.anchor(top, height)
        for _ in range(_MAX_ROUNDS):
            if follow_end:
                top = max(self.total_height - height, 0)
            changed = self._measure(top, height)
            if anchor is not None:
                top = self.restore(anchor)
            if not changed:
                break
        self._forget(top, height)
        return max(min(top, self.total_height - height), 0)

    def take_first_change(self, top: int, bottom: int) -> int:
        """The height between two others from which on it looks otherwise than at the last call."""
        found = bottom
        for row in self.rows_between(top, bottom):
            found = min(found, self.top_of(row) + self.item(row).take_first_change())
        return max(found, top)

    def anchor(self, top: int, height: int) -> Anchor | None:
        """What to hold on to in a view; None where there is nothing."""
        seen = (
            Seen(row, self.top_of(row), self._heights[row], self.opened(row))
            for row in self.rows_between(top, top + height)
        )
        return anchor_among(seen, top, height)

    def restore(self, anchor: Anchor) -> int:
        """Where the upper edge has to be for the anchor to be where it was."""
        row = anchor.row
        # Laid out first: that may change how high it is.
        item = self.item(row) if anchor.entry else None
        return edge_for(anchor, self.top_of(row), self._heights[row], item)

    def _measure(self, top: int, height: int) -> bool:
        changed = False
        for row in list(self.rows_between(top, top + height)):
            before = self._heights[row]
            fresh = self.opened(row) is None
            item = self.item(row)
            row_top = self.top_of(row)
            found = item.measure(top - row_top, top + height - row_top)
            self._heights[row] = item.height
            changed = changed or found or fresh or item.height != before
        return changed

    def _forget(self, top: int, height: int) -> None:
        while len(self._items) > MAX_OPEN:
            self._items.popitem(last=False)
        if self._model is None:
            return
        for message_id, item in self._items.items():
            row = self._model.row_of(message_id)
            if row is not None:
                row_top = self.top_of(row)
                away = RELEASE_SCREENS * height
                item.release_outside(top - away - row_top, top + height + away - row_top)

    def rows_with_thinking(self, rows: Sequence[int]) -> list[int]:
        """Those of the rows that have thinking to show or hide."""
        return [row for row in rows if self.item(row).has_thinking]
