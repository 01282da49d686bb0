"""Writes KV states to disk on a thread of its own, never while an answer is on its way."""

from __future__ import annotations

import threading
import time

from inference.states.disk import DiskShelf
from inference.states.kept import KeptState

_HELD_S = 0.05


class StateWriter:
    """What waits to be written stays readable here; the newest is written first.

    Args:
        budget_bytes: Waiting states together take no more, save that one may always wait.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._waiting: list[tuple[DiskShelf, KeptState]] = []
        self._changed = threading.Condition()
        self._held = False
        self._stopped = False
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> tuple[KeptState, ...]:
        """What is not on disk yet."""
        with self._changed:
            return tuple(state for _, state in self._waiting)

    def set_budget(self, budget_bytes: int) -> None:
        """Take another budget."""
        self._budget = budget_bytes

    def put(self, shelf: DiskShelf, state: KeptState) -> None:
        """Write a state as soon as the engine is idle."""
        with self._changed:
            others = [entry for entry in self._waiting if not state.replaces(entry[1])]
            self._waiting = [*others, (shelf, state)]
            while len(self._waiting) > 1 and self._waiting_bytes() > self._budget:
                del self._waiting[0]
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="states", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def hold(self) -> None:
        """An answer is wanted: pause within one piece."""
        self._held = True

    def release(self) -> None:
        """Go on."""
        with self._changed:
            self._held = False
            self._changed.notify_all()

    def finish(self, timeout_s: float) -> bool:
        """Write what waits, for so long; then nothing more, and no half file.

        Returns:
            Whether all is written.
        """
        deadline = time.monotonic() + timeout_s
        self.release()
        with self._changed:
            done = self._changed.wait_for(lambda: not self._waiting, timeout_s)
            self._stopped = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(max(0.1, deadline - time.monotonic()))
        return done

    def _waiting_bytes(self) -> int:
        return sum(state.n_bytes for _, state in self._waiting)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            shelf, state = job
            shelf.write(state, self._may_go_on)
            with self._changed:
                self._waiting = [entry for entry in self._waiting if entry[1] is not state]
                self._changed.notify_all()

    def _next(self) -> tuple[DiskShelf, KeptState] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or (self._waiting and not self._held))
            return None if self._stopped else self._waiting[-1]

    def _may_go_on(self) -> bool:
        while self._held and not self._stopped:
            time.sleep(_HELD_S)
        return not self._stopped
