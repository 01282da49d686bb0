"""The files of a model while they are written: in a folder beside their place, moved there whole.

The folder `NAME.gguf.partial` holds the files under their final names (llama.cpp finds the parts
of a split model by their names) and a journal of what is finished. After a failure that was not the
content's fault, the next attempt trusts those tensors whose bytes still have the journal's sums.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from converters.errors import OutputFailed, OutputInUse
from converters.positional import uncached_flag, write_at
from converters.replacing import check_absent, move_into_place
from converters.writing.digest import digest
from converters.writing.from_disk import FromDisk
from converters.writing.plan import Plan

JOURNAL = "journal"
_FORMAT = 2
_SPARE_BYTES = 16 << 20
"""Left free on the file system."""


class Output:
    """A model's files in the making.

    Args:
        target: Where the model, or the first of its parts, shall be.
        plan: What is written.
        fingerprint: Tells this conversion from all others; work of another one is not resumed.
        force: Whether files that exist are replaced.
    """

    def __init__(self, target: Path, plan: Plan, fingerprint: str, force: bool = False) -> None:
        self._folder = target.with_name(f"{target.name}.partial")
        self.final_paths = tuple(target.with_name(file.name) for file in plan.files)
        self.paths = tuple(self._folder / file.name for file in plan.files)
        self._plan, self._fingerprint, self._force = plan, fingerprint, force
        self._descriptors: list[int] = []
        self._journal: IO[str] | None = None
        self._is_worth_keeping = False
        self._flags: list[int] = []
        self._readers: list[FromDisk] = []

    def open(self) -> dict[str, list[int]]:
        """Make the files at their full size, with headers.

        Returns:
            The sums of the pieces of tensors that an earlier attempt finished, by name.

        Raises:
            OutputExists: There are such files, and they shall not be replaced.
            OutputInUse: Another process writes them.
            OutputFailed: There is no room, or the system refuses.
        """
        check_absent(self.final_paths, self._force)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._journal = (self._folder / JOURNAL).open("a+", encoding="utf-8")
            self._lock()
        except OSError as error:
            raise self._failed(error) from error
        finished = self._read_journal()
        self._is_worth_keeping = bool(finished)
        try:
            self._make_files(is_resumed=bool(finished))
        except (OSError, OutputFailed) as error:
            failed = self._failed(error) if isinstance(error, OSError) else error
            self.give_up(failed)
            raise failed from error
        return finished

    def write(self, file: int, data: NDArray[np.uint8], offset: int) -> int:
        """Write bytes at their place; may be called from several threads.

        Returns:
            Their sum.

        Raises:
            OutputFailed: The system refuses.
        """
        flat = np.ascontiguousarray(data).reshape(-1)
        try:
            write_at(self._descriptors[file], flat.data, offset, self._flags[file])
        except OSError as error:
            raise self._failed(error) from error
        return digest(flat)

    def read_sum(self, file: int, offset: int, n_bytes: int) -> int:
        """The sum of bytes as the disk has them; may be called from several threads."""
        try:
            return digest(self._readers[file].read(offset, n_bytes))
        except OSError as error:
            raise self._failed(error) from error

    def has_headers(self) -> bool:
        """Whether all headers read back as planned."""
        return all(
            self.read_sum(number, 0, len(file.header))
            == digest(np.frombuffer(file.header, np.uint8))
            for number, file in enumerate(self._plan.files)
        )

    def note_finished(self, tensor: str, sums: Sequence[int]) -> None:
        """Write into the journal that a tensor is in the file.

        Raises:
            OutputFailed: The system refuses.
        """
        self._append({"tensor": tensor, "sums": list(sums)})
        self._is_worth_keeping = True

    def synchronize(self) -> None:
        """Wait until the disk has everything.

        Raises:
            OutputFailed: The disk refuses.
        """
        try:
            for descriptor in self._descriptors:
                os.fsync(descriptor)
        except OSError as error:
            raise self._failed(error) from error

    def publish(self) -> None:
        """Move the files to their names; the first of several last, since it opens the model.

        Raises:
            OutputExists: A file has appeared there meanwhile.
            OutputFailed: The system refuses.
        """
        check_absent(self.final_paths, self._force)
        self._close_files()
        try:
            move_into_place(reversed(list(zip(self.paths, self.final_paths, strict=True))))
        except OSError as error:
            raise self._failed(error) from error
        self.discard()

    def give_up(self, error: OutputFailed) -> None:
        """Keep what a next attempt can use, and say so; remove all where that is nothing."""
        if self._is_worth_keeping:
            self.close()
            error.hint += " What is finished is kept and used next time."
        else:
            self.discard()

    def discard(self) -> None:
        """Remove everything that is not under a final name."""
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def close(self) -> None:
        """Close the files; what was written stays for the next attempt."""
        self._close_files()
        if self._journal is not None:
            with contextlib.suppress(OSError):  # of a full disk, which was told when it was met
                self._journal.close()
            self._journal = None

    def _close_files(self) -> None:
        self._flags.clear()
        while self._readers:
            self._readers.pop().close()
        while self._descriptors:
            os.close(self._descriptors.pop())

    def _lock(self) -> None:
        assert self._journal is not None
        try:
            import fcntl
        except ImportError:  # Windows does not let two processes move an open file
            return
        try:
            fcntl.flock(self._journal.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._journal.close()
            self._journal = None
            raise OutputInUse(
                "This file is being written already",
                f"Another process works in {self._folder}.",
                "Wait for it, stop it, or choose another name.",
            ) from None

    def _read_journal(self) -> dict[str, list[int]]:
        """Finished tensors of an earlier attempt at the same; a torn last line is no harm."""
        assert self._journal is not None
        self._journal.seek(0)
        lines = self._journal.read().splitlines()
        found: dict[str, list[int]] = {}
        for number, line in enumerate(lines):
            try:
                entry = json.loads(line)
                if number == 0 and entry != self._first_entry():
                    return {}
                if number:
                    found[entry["tensor"]] = [int(value) for value in entry["sums"]]
            except (ValueError, KeyError, TypeError):
                break
        return found if all(path.is_file() for path in self.paths) else {}

    def _make_files(self, is_resumed: bool) -> None:
        if not is_resumed:
            self._clear()
        self._check_room()
        if not is_resumed:
            self._append(self._first_entry())
        for path, file in zip(self.paths, self._plan.files, strict=True):
            self._make_file(path, file.header, file.n_bytes)

    def _clear(self) -> None:
        """Remove what another attempt left."""
        assert self._journal is not None
        for path in self._folder.iterdir():
            if path.name != JOURNAL:
                path.unlink()
        self._journal.truncate(0)

    def _first_entry(self) -> dict[str, object]:
        return {"format": _FORMAT, "fingerprint": self._fingerprint}

    def _append(self, entry: dict[str, object]) -> None:
        assert self._journal is not None
        try:
            self._journal.write(json.dumps(entry, separators=(",", ":")) + "\n")
            self._journal.flush()
        except OSError as error:
            raise self._failed(error) from error

    def _check_room(self) -> None:
        there = sum(_allocated(path) for path in self.paths)
        needed = self._plan.n_bytes - there + _SPARE_BYTES
        free = shutil.disk_usage(self._folder).free
        if needed > free:
            raise no_room(self._folder.parent, self._plan.n_bytes, free)

    def _make_file(self, path: Path, header: bytes, n_bytes: int) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o666)
        self._descriptors.append(descriptor)
        if os.fstat(descriptor).st_size != n_bytes:
            os.ftruncate(descriptor, n_bytes)
        _reserve(descriptor, n_bytes)
        write_at(descriptor, memoryview(header), 0)
        self._flags.append(uncached_flag(descriptor))
        self._readers.append(FromDisk(path))

    def _failed(self, error: OSError) -> OutputFailed:
        return OutputFailed(
            "The model could not be written",
            f"{self.final_paths[0]} ({self._plan.n_bytes:,} bytes): {error.strerror or error}.",
            "Make room or choose another folder.",
        )


def no_room(folder: Path, needed: int, free: int) -> OutputFailed:
    """The error for a file system that cannot hold the result."""
    return OutputFailed(
        "There is not enough room for the model",
        f"It takes {needed:,} bytes; {folder} has {free:,} free.",
        "Free some space, choose another folder, or a smaller type.",
    )


def _reserve(descriptor: int, n_bytes: int) -> None:
    """Take the room now, so that a full disk shows before the work; where the system can."""
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(descriptor, 0, n_bytes)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            raise


def _allocated(path: Path) -> int:
    """Bytes that a file takes on the disk already."""
    with contextlib.suppress(OSError):
        found = path.stat()
        return int(getattr(found, "st_blocks", 0)) * 512
    return 0
