"""What is done a moment after a message is seen: the rest of a long one, and colours of code."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.views.transcript.layout import TranscriptLayout
from app.views.transcript.scrolling import Scrolling
from app.views.transcript.sight import Sight

_COLOURS_AFTER_MS = 30
"""The words of code are seen first: its colours cost more than they do."""
_NEXT_COLOURS_MS = 8


class Finishing(QObject):
    """Finishes what is in sight, a little at a time.

    Args:
        layout: Knows which messages are not laid out wholly.
        scrolling: Shows what was added to them.
        sight: What can be seen.
        viewport: Where it is painted.
    """

    def __init__(
        self, layout: TranscriptLayout, scrolling: Scrolling, sight: Sight, viewport: QWidget
    ) -> None:
        super().__init__(viewport)
        self._layout = layout
        self._scrolling = scrolling
        self._sight = sight
        self._viewport = viewport
        self._rest_timer = QTimer(self, singleShot=True, interval=0)
        self._rest_timer.timeout.connect(self._on_rest_due)
        self._colour_timer = QTimer(self, singleShot=True)
        self._colour_timer.timeout.connect(self._on_colours_due)

    @property
    def is_colouring(self) -> bool:
        """Whether code in sight may get more colours."""
        return self._colour_timer.isActive()

    def start(self) -> None:
        """Something else is in sight now."""
        self._rest_timer.start()

    def _on_rest_due(self) -> None:
        """Go on with long messages, a moment at a time; colours come when all words are there."""
        if self._layout.proceed(self._sight.rows()):
            self._scrolling.settle()
        elif not self._colour_timer.isActive():
            self._colour_timer.start(_COLOURS_AFTER_MS)

    def _on_colours_due(self) -> None:
        """Colour code in sight, a moment at a time."""
        for piece in self._sight.code():
            if piece.wants_colours:
                piece.highlight()
                self._viewport.update()
                self._colour_timer.start(_NEXT_COLOURS_MS)
                return
