"""Work on threads with bounded memory: nothing is begun before a thread is free for it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from converters.progress import IsCancelled
from converters.waiting import TICK_S, Stopped

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


class _Ended:
    """A thread has nothing left to do."""


class Pool(Generic[Task, Result]):
    """Runs tasks on threads and hands on what they return, in the order of completion.

    Args:
        work: What is done with a task; native code and file access let other threads run.
        n_threads: How many threads.
        is_cancelled: Asked about every tenth of a second.
    """

    def __init__(
        self, work: Callable[[Task], Result], n_threads: int, is_cancelled: IsCancelled
    ) -> None:
        self._work = work
        self._n_threads = n_threads
        self._is_cancelled = is_cancelled
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._results: queue.SimpleQueue[Result | _Failure | _Ended] = queue.SimpleQueue()

    def run(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """Results of all tasks. When this ends, by whatever way, no thread is left.

        Raises:
            Stopped: The work was cancelled; tasks that had begun are finished.
            BaseException: What a task raised; no further one is begun.
        """
        self.start(tasks)
        try:
            yield from self.results()
        finally:
            self.stop()

    def start(self, tasks: Iterable[Task]) -> None:
        """Begin; `stop` has to follow. A thread that waits for the next task holds up others."""
        source = iter(tasks)
        for number in range(self._n_threads):
            thread = threading.Thread(
                target=self._serve, args=(source,), name=f"piece-{number}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Begin no further task, and wait for those that have begun."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def results(self) -> Iterator[Result]:
        """What tasks return, until all have; see `run`."""
        n_running = len(self._threads)
        while n_running:
            if self._is_cancelled():
                raise Stopped
            try:
                found = self._results.get(timeout=TICK_S)
            except queue.Empty:
                continue
            if isinstance(found, _Ended):
                n_running -= 1
            else:
                yield _unless_failed(found)

    def ready(self) -> Iterator[Result]:
        """What tasks have returned by now; not to be used when no task may follow any more."""
        while not self._results.empty():
            found = self._results.get()
            assert not isinstance(found, _Ended)
            yield _unless_failed(found)

    def _serve(self, source: Iterator[Task]) -> None:
        try:
            while not self._stop.is_set():
                with self._lock:
                    task = next(source)
                self._results.put(self._work(task))
        except StopIteration:
            pass
        except BaseException as error:  # the top of a thread: the caller raises it
            self._results.put(_Failure(error))
        self._results.put(_Ended())


def _unless_failed(found: Result | _Failure) -> Result:
    if isinstance(found, _Failure):
        raise found.error
    return found
