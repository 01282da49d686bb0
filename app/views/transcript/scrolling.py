"""Where a view stands in its conversation: following the end, holding what is read in place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QAbstractScrollArea

from app.views.transcript.layout import TranscriptLayout

_END_SLACK = 4
"""So near to the end counts as at the end."""


class Scrolling(QObject):
    """Moves the scroll bar of a view, and lays out what comes into sight."""

    settled = Signal()
    """What is in sight is laid out, and may stand elsewhere than before."""

    def __init__(self, area: QAbstractScrollArea, layout: TranscriptLayout) -> None:
        super().__init__(area)
        self._area = area
        self._bar = area.verticalScrollBar()
        self._layout = layout
        self._follows_end = True
        self._settling = False

    @property
    def top(self) -> int:
        """How far the view's upper edge is below the conversation's."""
        return self._bar.value()

    @property
    def height(self) -> int:
        """How much of the conversation is seen."""
        return self._area.viewport().height()

    @property
    def follows_end(self) -> bool:
        """Whether the view goes along with the newest text."""
        return self._follows_end

    def is_at_end(self) -> bool:
        """Whether the newest text is in sight."""
        return self._bar.value() >= self._bar.maximum() - _END_SLACK

    def settle(self) -> None:
        """Lay out what is in sight and show it."""
        if not self._settling:
            top = self._layout.settle(self.top, self.height, follow_end=self._follows_end)
            self._set_top(top)
            self.settled.emit()

    def to_end(self) -> None:
        """Go to the newest text and stay with it as it grows."""
        self._follows_end = True
        self.settle()

    def move_to(self, top: int) -> None:
        """Put the view's upper edge there, and lay out what comes into sight."""
        self._follows_end = False
        self._set_top(top)
        self._settle_here()

    def was_moved(self) -> bool:
        """The scroll bar has another value; whether it was the reader who moved it."""
        if self._settling:
            return False
        self._follows_end = self.is_at_end()
        self.settle()
        return True

    # Changes of what is above or in sight

    def stay(self, change: Callable[[], None]) -> None:
        """Carry out a change; the view stays where it is, also where it followed the end."""
        self._follows_end = False
        change()
        self._settle_here()

    def hold_row(self, row: int, change: Callable[[], None]) -> None:
        """Carry out a change of what stands from a row on; the row stays where it is seen."""
        distance = self._layout.top_of(row) - self.top
        self._settling, self._follows_end = True, False
        change()
        self._settling = False
        self._set_top(self._layout.top_of(min(row, self._layout.n_rows - 1)) - distance)
        self._settle_here()

    def hold(self, change: Callable[[], None], height: int | None = None) -> None:
        """Carry out a change of how things look; what is read stays where it is seen.

        Args:
            change: What is to be done.
            height: How much of the conversation was seen before, where that has changed.
        """
        seen = self.height if height is None else height
        anchor = None if self._follows_end else self._layout.anchor(self.top, seen)
        change()
        if anchor is not None:
            self._set_top(self._layout.restore(anchor))
        self.settle()

    def _settle_here(self) -> None:
        self.settle()
        self._follows_end = self.is_at_end()

    def _set_top(self, top: int) -> None:
        settling, self._settling = self._settling, True
        self._bar.setPageStep(self.height)
        self._bar.setRange(0, max(self._layout.total_height - self.height, 0))
        self._bar.setValue(top)
        self._settling = settling
