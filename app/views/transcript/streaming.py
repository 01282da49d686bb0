"""When the view looks at growing messages: often enough to flow, seldom enough to be cheap."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

INTERVAL_MS = 33
FLOWING_MS = 100
"""Text that comes at least so often is seen as flowing."""
LITTLE_SHARE, MAX_SHARE = 0.05, 0.2
"""The part of the GUI thread's time that showing new text may take: while it flows, and at most.

The engine computes on the same cores, and waits for the one that the window takes.
"""


class Growth(QObject):
    """Collects the rows that grew and reports them together."""

    def __init__(self, report: Callable[[set[int]], None], parent: QObject) -> None:
        super().__init__(parent)
        self._report = report
        self._rows: set[int] = set()
        self._cost_s = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.flush)

    def add(self, row: int) -> None:
        """A row grew."""
        self._rows.add(row)
        if not self._timer.isActive():
            self._timer.start(self.interval_ms())

    def interval_ms(self) -> int:
        """How long to wait, given what the last report cost."""
        sparing = min(FLOWING_MS, self._rest_ms(LITTLE_SHARE))
        return max(INTERVAL_MS, sparing, self._rest_ms(MAX_SHARE))

    def _rest_ms(self, share: float) -> int:
        return round(self._cost_s * 1000 * (1 / share - 1))

    def spent(self, seconds: float, *, fresh: bool = False) -> None:
        """Count time that showing the last report took; `fresh` begins a new count."""
        self._cost_s = seconds if fresh else self._cost_s + seconds

    def flush(self) -> None:
        """Report now."""
        self._timer.stop()
        rows, self._rows = self._rows, set()
        if rows:
            self._report(rows)

    def clear(self) -> None:
        """Forget what was collected."""
        self._timer.stop()
        self._rows.clear()
