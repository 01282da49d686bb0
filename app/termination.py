"""Turns SIGTERM and SIGINT into a signal of the event loop, so that the window closes as always."""

from __future__ import annotations

import os
import signal
import sys

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Termination(QObject):
    """Tells when the system or a terminal asks the program to end."""

    requested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked = False
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        if sys.platform == "win32":
            # Python runs its handlers only between two steps of Python code.
            self._timer = QTimer(self, interval=200)
            self._timer.timeout.connect(self._on_woken)
            self._timer.start()
            return
        self._reader, self._writer = os.pipe()
        for end in (self._reader, self._writer):
            os.set_blocking(end, False)
        self._previous_fd = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reader, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_readable)

    def close(self) -> None:
        """Give the signals back to the system's ways."""
        if sys.platform != "win32":
            signal.set_wakeup_fd(self._previous_fd)
            self._notifier.setEnabled(False)
            os.close(self._reader)
            os.close(self._writer)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._asked = True

    def _on_readable(self) -> None:
        os.read(self._reader, 4096)
        self._on_woken()

    def _on_woken(self) -> None:
        if self._asked:
            self._asked = False
            self.requested.emit()
