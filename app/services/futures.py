"""Brings results of other threads back to the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

T = TypeVar("T")


class FutureRelay(QObject):
    """Calls back on the thread it was made on when a future ends."""

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Queued even where the future is done already: a caller never meets its own callback.
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def watch(
        self,
        future: Future[T],
        on_result: Callable[[T], object],
        on_error: Callable[[BaseException], object],
    ) -> None:
        """Call `on_result` or `on_error`; a future that was cancelled calls neither."""

        def deliver(done: Future[T]) -> None:
            if done.cancelled():
                return
            error = done.exception()
            if error is None:
                result = done.result()
                self._post(lambda: on_result(result))
            else:
                self._post(lambda: on_error(error))

        future.add_done_callback(deliver)

    def _post(self, call: Callable[[], object]) -> None:
        try:
            self._arrived.emit(call)
        except RuntimeError:
            # The window may be gone by the time the last work ends.
            if shiboken6.isValid(self):
                raise

    def _on_arrived(self, call: Callable[[], object]) -> None:
        call()


def run_in_thread(work: Callable[[], T], name: str) -> Future[T]:
    """Run `work` on a thread of its own, which does not keep the program alive."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
