"""Waiting for what cannot be interrupted, while a cancel is still heard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from converters.progress import IsCancelled

TICK_S = 0.1
Result = TypeVar("Result")


class Stopped(Exception):
    """The work was cancelled."""


def awaited(work: Callable[[], Result], is_cancelled: IsCancelled) -> Result:
    """What `work` returns; it runs on a thread of its own.

    Raises:
        Stopped: It was cancelled. The thread goes on to its end, and nobody hears of it.
        BaseException: What `work` raised.
    """
    waiting = Awaited(work)
    waiting.start()
    return waiting.result(is_cancelled)


class Awaited(threading.Thread, Generic[Result]):
    """Work that was begun early, to be waited for later.

    Args:
        work: What is to be done.
    """

    def __init__(self, work: Callable[[], Result]) -> None:
        super().__init__(name="awaited", daemon=True)
        self._work = work
        self._results: list[Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        """Do it."""
        try:
            self._results.append(self._work())
        except BaseException as error:  # the top of a thread: `result` raises it
            self._error = error

    def result(self, is_cancelled: IsCancelled) -> Result:
        """What the work returned, when it has ended; see `awaited`."""
        while self.is_alive():
            if is_cancelled():
                raise Stopped
            self.join(TICK_S)
        self.raise_failure()
        return self._results[0]

    def raise_failure(self) -> None:
        """Raise what the work has raised, if it has."""
        if self._error is not None:
            raise self._error
