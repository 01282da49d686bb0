"""A program that keeps cores busy, for measuring what that does to a model."""

from __future__ import annotations

import hashlib
import threading


class BusyNeighbour:
    """Native work on threads of their own, outside of Python's lock."""

    _CHUNK = bytes(1 << 20)

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, n_threads: int) -> None:
        """Keep so many cores busy, until `stop`."""
        self._stop.clear()
        for _ in range(n_threads):
            thread = threading.Thread(target=self._work, name="busy-neighbour", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Be quiet again."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _work(self) -> None:
        digest = hashlib.sha256()
        while not self._stop.is_set():
            digest.update(self._CHUNK)
