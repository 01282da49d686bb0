"""Conversations out to files and in from them, and copies of the database; one job at a time.

Files are read and written on a thread of the job's own. What an import writes, it writes in one
transaction on the store's thread, so that an import is there as a whole or not at all.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from app.domain.transfer import (
    NO_LIBRARY,
    CarriedConversation,
    CarriedFolder,
    CarriedLibrary,
    CarriedPersona,
    ImportRecord,
    UndoneImport,
)
from app.errors import TransferError
from app.services.futures import FutureRelay, run_in_thread
from app.services.notices import notice_of
from app.store import Repository, Store

if TYPE_CHECKING:
    from app.transfer import ExportOptions, Fault

T = TypeVar("T")

_TELL_INTERVAL_S = 0.05
_CLOSE_TIMEOUT_S = 2.0


class Task(Enum):
    """What a job does."""

    READ = "read"
    IMPORT = "import"
    EXPORT = "export"
    BACK_UP = "back up"


class TransferProgress(Struct, frozen=True):
    """How far a job has come.

    Args:
        fraction: From 0 to 1.
        n_conversations: So many have been read or written.
    """

    task: Task
    fraction: float
    n_conversations: int


class ImportPreview(Struct, frozen=True):
    """What an import would bring.

    Args:
        path: What was read.
        programs: Where the conversations come from, and how many of each.
        faults: What is broken and why.
        packed: The conversations, each as MessagePack: fifty thousand messages as objects would be
            a burden for the garbage collector.
        library: Folders and personas that come with them.
    """

    path: Path
    programs: tuple[tuple[str, int], ...]
    n_messages: int
    faults: tuple[Fault, ...]
    packed: tuple[bytes, ...]
    library: CarriedLibrary = NO_LIBRARY

    @property
    def n_conversations(self) -> int:
        """How many conversations would come in."""
        return len(self.packed)


class Exported(Struct, frozen=True):
    """A file was written."""

    path: Path
    n_conversations: int


class _Cancelled(Exception):
    """Ends a job from within; never seen outside of this module."""


class _Job:
    """A job that runs: tells how far it is, and can be cancelled."""

    def __init__(self, task: Task, tell: Callable[[TransferProgress], None]) -> None:
        self.task = task
        self._tell = tell
        self._told_at = 0.0
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """End it at its next step."""
        self._cancelled.set()

    def step(self, fraction: float, n_conversations: int = 0) -> None:
        """Go on, or not.

        Raises:
            _Cancelled: Somebody wants it to end.
        """
        if self._cancelled.is_set():
            raise _Cancelled
        now = time.monotonic()
        if now - self._told_at >= _TELL_INTERVAL_S:
            self._told_at = now
            self._tell(TransferProgress(self.task, fraction, n_conversations))


class TransferService(QObject):
    """Previews, imports, undoes, exports and backs up."""

    began = Signal(object)
    """Task"""
    progressed = Signal(object)
    """TransferProgress"""
    ended = Signal()
    """The job is over, whatever became of it."""
    previewed = Signal(object)
    """ImportPreview"""
    imported = Signal(object)
    """ImportRecord"""
    undo_offered = Signal(object)
    """ImportRecord of the last import, or None where there is none to undo."""
    undone = Signal(object)
    """UndoneImport"""
    exported = Signal(object)
    """Exported"""
    backed_up = Signal(object)
    """Path"""
    failed = Signal(object)
    """Notice"""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)
        self._job: _Job | None = None
        self._future: Future[Any] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a job runs; another one is refused meanwhile."""
        return self._job is not None

    def cancel(self) -> None:
        """End the job that runs; nothing of it stays."""
        if self._job is not None:
            self._job.cancel()

    def close(self) -> None:
        """End the job that runs, and wait until it has cleared up."""
        self.cancel()
        if self._future is not None:
            with suppress(TimeoutError, CancelledError):
                self._future.exception(_CLOSE_TIMEOUT_S)

    def preview(self, path: Path) -> None:
        """Read what could be imported; `previewed` follows."""
        self._run(Task.READ, lambda job: _read(path, job), self.previewed.emit)

    def take_in(self, preview: ImportPreview) -> None:
        """Import what was previewed; `imported` follows."""
        job = self._begin(Task.IMPORT)
        if job is not None:
            future = self._store.submit(lambda repository: _add(repository, preview, job))
            self._watch(future, self.imported.emit)

    def offer_undo(self) -> None:
        """Look whether there is an import to undo; `undo_offered` follows."""
        future = self._store.submit(lambda repository: repository.transfers.last_import())
        self._relay.watch(future, self.undo_offered.emit, self._on_error)

    def undo(self, import_id: int) -> None:
        """Move what an import brought to the bin; `undone` follows."""
        future = self._store.submit(lambda repository: repository.transfers.undo_import(import_id))
        self._relay.watch(future, self._on_undone, self._on_error)

    def export(self, path: Path, options: ExportOptions, conversation_id: int | None) -> None:
        """Write one conversation, or all of them, to a file; `exported` follows."""
        store = self._store
        self._run(
            Task.EXPORT,
            lambda job: _export(store, path, options, conversation_id, job),
            self.exported.emit,
        )

    def back_up(self, target: Path) -> None:
        """Copy the database to a file; `backed_up` follows."""
        from app.store.backup import back_up

        database = self._store.path

        def work(job: _Job) -> Path:
            back_up(database, target, job.step)
            return target

        self._run(Task.BACK_UP, work, self.backed_up.emit)

    def _begin(self, task: Task) -> _Job | None:
        if self._job is not None:
            return None
        self._job = _Job(task, self.progressed.emit)
        self.began.emit(task)
        return self._job

    def _run(self, task: Task, work: Callable[[_Job], T], on_result: Callable[[T], object]) -> None:
        job = self._begin(task)
        if job is not None:
            self._watch(run_in_thread(lambda: work(job), f"transfer-{task.value}"), on_result)

    def _watch(self, future: Future[T], on_result: Callable[[T], object]) -> None:
        def finish(result: T) -> None:
            self._end()
            on_result(result)

        self._future = future
        self._relay.watch(future, finish, self._on_job_error)

    def _end(self) -> None:
        self._job = self._future = None
        self.ended.emit()

    def _on_job_error(self, error: BaseException) -> None:
        self._end()
        if not isinstance(error, _Cancelled):
            self._on_error(error)

    def _on_undone(self, undone: UndoneImport) -> None:
        self.undone.emit(undone)

    def _on_error(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))


def _read(path: Path, job: _Job) -> ImportPreview:
    import msgspec

    from app.transfer import read_entries

    programs: Counter[str] = Counter()
    faults: list[Fault] = []
    packed: list[bytes] = []
    n_messages = 0
    folders: list[CarriedFolder] = []
    personas: list[CarriedPersona] = []
    for entry in read_entries(path):
        faults += entry.faults
        folders += entry.library.folders
        personas += entry.library.personas
        if entry.conversation is not None:
            programs[entry.program] += 1
            n_messages += len(entry.conversation.messages)
            packed.append(msgspec.msgpack.encode(entry.conversation))
        job.step(entry.fraction, len(packed))
    return ImportPreview(
        path,
        tuple(programs.most_common()),
        n_messages,
        tuple(faults),
        tuple(packed),
        CarriedLibrary(tuple(folders), tuple(personas)),
    )


def _add(repository: Repository, preview: ImportPreview, job: _Job) -> ImportRecord:
    total = max(1, preview.n_conversations)
    return repository.transfers.add(
        preview.path.name,
        _unpacked(preview.packed),
        lambda number: job.step(number / total, number),
        preview.library,
    )


def _unpacked(packed: Iterable[bytes]) -> Iterator[CarriedConversation]:
    import msgspec

    decoder = msgspec.msgpack.Decoder(CarriedConversation)
    return map(decoder.decode, packed)


def _export(
    store: Store, path: Path, options: ExportOptions, conversation_id: int | None, job: _Job
) -> Exported:
    from app.transfer import write_export

    if conversation_id is None:
        ids = store.submit(lambda repository: repository.transfers.ids()).result()
        library = store.submit(lambda repository: repository.transfers.library.all()).result()
    else:
        ids = [conversation_id]
        library = store.submit(
            lambda repository: repository.transfers.library.of_conversation(conversation_id)
        ).result()
    count = 0

    def conversations() -> Iterator[CarriedConversation]:
        nonlocal count
        for number, each in enumerate(ids):
            job.step(number / len(ids), count)
            # One at a time: between two of them the store serves the window.
            found = store.submit(_carrying(each)).result()
            if found is not None:
                count += 1
                yield found
            elif conversation_id is not None:
                raise TransferError(
                    "This conversation is no longer there",
                    f"conversation {each} was not found in the database",
                    "Another window or terminal may have removed it. Nothing was written.",
                )

    write_export(path, conversations(), options, library)
    return Exported(path, count)


def _carrying(conversation_id: int) -> Callable[[Repository], CarriedConversation | None]:
    return lambda repository: repository.transfers.carried(conversation_id)
