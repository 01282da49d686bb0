"""Python's garbage collection, kept on the GUI thread.

Python collects on whichever thread happens to allocate. Widgets that lie in reference cycles would
then be destroyed on the store's or the engine's thread, which Qt does not allow.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 1000


class GuiGarbageCollector(QObject):
    """Collects on its own thread, by Python's own thresholds, while it lives."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        # What the start has made stays: there is no use in looking through it again and again.
        gc.freeze()
        self._timer = QTimer(self, interval=_INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def keep(self) -> None:
        """What is there now stays as well."""
        gc.freeze()

    def collect(self) -> None:
        """Collect the oldest generation that is due, and with it the younger ones."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return

    def close(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
