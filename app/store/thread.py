"""The one thread on which all SQL runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from app.errors import StoreClosed, StoreError
from app.store.database import (
    DEFAULT_TIMEOUT_S,
    OpenReport,
    close_database,
    open_database,
    open_in_memory,
)
from app.store.repository import Repository
from app.store.translation import translated

if TYPE_CHECKING:
    from app.store.connection import Database

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Store:
    """The conversations, reached from any thread through futures.

    Work is done in the order in which it was given. Callbacks of the futures run on the store's
    thread. The owner calls `close`; where it does not, the program ends all the same, without the
    work that is still waiting.

    Args:
        path: The database file; its folder is made where it is missing.
        timeout_s: How long to wait for a lock that another program holds.
    """

    def __init__(self, path: Path, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._is_closed = False
        self._db: Database | None = None
        self._repository: Repository | None = None
        self._failure: StoreError | None = None
        self._opened = self._request_opening()
        self._thread = threading.Thread(target=self._work_off, name="store", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    def opened(self) -> Future[OpenReport]:
        """What the latest opening came upon; fails with a StoreError."""
        with self._lock:
            return self._opened

    def reopen(self) -> Future[OpenReport]:
        """Open again, after a failure; also `opened` gives this future from now on."""
        future = self._request_opening()
        with self._lock:
            self._opened = future
        return future

    def submit(self, work: Callable[[Repository], T]) -> Future[T]:
        """Run work on the thread.

        Returns:
            Its result; or what it raised, SQLite's errors as StoreErrors; or the StoreError with
            which opening failed.
        """
        future: Future[T] = Future()

        def carry_out() -> None:
            if future.set_running_or_notify_cancel():
                _settle(future, lambda: self._carry_out(work))

        self._enqueue(future, carry_out)
        return future

    def close(self) -> None:
        """Finish what is waiting, close the database and end the thread."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        self._thread.join()

    def _request_opening(self) -> Future[OpenReport]:
        future: Future[OpenReport] = Future()
        # Marked as running at once: opening cannot be cancelled.
        future.set_running_or_notify_cancel()
        self._enqueue(future, lambda: _settle(future, self._open))
        return future

    def _enqueue(self, future: Future[T], job: Callable[[], None]) -> None:
        with self._lock:
            if not self._is_closed:
                self._queue.put(job)
                return
        future.set_exception(
            StoreClosed(
                "The conversation database is closed",
                f"{self._path} was closed before this could be stored",
                "Start Conclave again.",
            )
        )

    def _work_off(self) -> None:
        while (job := self._queue.get()) is not None:
            job()
        self._shut()

    def _open(self) -> OpenReport:
        self._shut()
        try:
            self._db, report = self._open_database()
        except StoreError as error:
            self._failure = error
            raise
        except Exception as error:
            _log.exception("opening %s failed", self._path)
            self._failure = StoreError(
                "The conversation database cannot be opened",
                f"{self._path}: {error!r}",
                "Start Conclave again.",
            )
            raise self._failure from error
        self._repository = Repository(self._db)
        return report

    def _open_database(self) -> tuple[Database, OpenReport]:
        return open_database(self._path, self._timeout_s)

    def _carry_out(self, work: Callable[[Repository], T]) -> T:
        if self._repository is None:
            assert self._failure is not None
            raise self._failure
        with translated(self._path, self._timeout_s):
            return work(self._repository)

    def _shut(self) -> None:
        db, self._db, self._repository = self._db, None, None
        if db is not None:
            close_database(db)


class MemoryStore(Store):
    """Conversations that are nowhere but in memory; closing it forgets them."""

    def __init__(self) -> None:
        super().__init__(Path("memory"))

    def _open_database(self) -> tuple[Database, OpenReport]:
        return open_in_memory(), OpenReport(set_aside=None, interrupted=0)


def _settle(future: Future[T], work: Callable[[], T]) -> None:
    try:
        result = work()
    except BaseException as error:
        # Whatever it is belongs to the one who waits, and the thread lives on.
        future.set_exception(error)
    else:
        future.set_result(result)
