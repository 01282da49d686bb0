"""KV states on disk, up to a budget and as the disk has room; least recently used goes first.

Several processes may share the folder: files appear under their final name whole, and a file that
is gone is simply not found. A file's time of change says when it was last used.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from inference.states.files import (
    ENDING,
    UNFINISHED,
    BadStateFile,
    StateFile,
    read_description,
    read_state,
    write_state,
)
from inference.states.kept import KeptState, Tokens

log = logging.getLogger(__name__)

UNUSED_DAYS = 30
"""A state that was not used for so long goes, as deleted conversations do."""
FREE_BYTES = 2 << 30
FREE_SHARE = 0.05
"""The disk keeps at least so much free, the larger of both."""


class DiskShelf:
    """The states of one folder; for any thread."""

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self._folder = folder
        self._budget = budget_bytes
        self._files: dict[Path, StateFile] = {}
        self._lock = threading.Lock()
        self._remove_unfinished()
        self._remove_unused()

    def best(self, fingerprint: str, prompt: Tokens) -> tuple[StateFile | None, int]:
        """The file of which a prompt can use most, with the number of those tokens."""
        best: tuple[StateFile | None, int] = None, 0
        for file in self._current(fingerprint):
            n_tokens = file.usable(prompt)
            if n_tokens > best[1]:
                best = file, n_tokens
        return best

    def read(self, file: StateFile) -> KeptState | None:
        """A file's state; None, logged, where it cannot be used. A damaged file is removed."""
        try:
            state = read_state(file.path)
            os.utime(file.path)
        except (OSError, BadStateFile) as error:
            self._discard(file.path, error)
            return None
        return state

    def write(self, state: KeptState, may_go_on: Callable[[], bool]) -> bool:
        """Write a state, unless it has no room or is there already; failures are logged."""
        if state.owner.is_private:
            raise ValueError("a private state does not go to the disk")
        path = self._folder / _name(state)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.exists():
                os.utime(path)
                return True
            older = self._superseded(state)
            if not self._make_room(state.n_bytes, older):
                log.info("no room on disk for a state of %s bytes", f"{state.n_bytes:,}")
                return False
            if not write_state(state, path, may_go_on):
                return False
        except OSError as error:
            log.warning("a state could not be written: %s", error)
            return False
        for file in older:
            self._remove(file.path)
        return True

    def discard(self, file: StateFile, reason: str) -> None:
        """Remove a file whose state llama.cpp does not take."""
        self._discard(file.path, BadStateFile(reason))

    def _current(self, fingerprint: str) -> list[StateFile]:
        """The files of a fingerprint as they are now; others may have come or gone."""
        with self._lock:
            paths = set(self._folder.glob(f"{fingerprint}-*{ENDING}"))
            self._files = {path: file for path, file in self._files.items() if path in paths}
            for path in sorted(paths - self._files.keys()):
                try:
                    file = read_description(path)
                    if file.fingerprint != fingerprint:
                        raise BadStateFile("it is another model's")
                    self._files[path] = file
                except (OSError, BadStateFile) as error:
                    self._discard(path, error)
            return list(self._files.values())

    def _superseded(self, state: KeptState) -> list[StateFile]:
        """The files that nobody needs once this state is written."""
        files = self._current(state.fingerprint)
        return [file for file in files if state.covers(file.tokens, file.conversation)]

    def _make_room(self, n_bytes: int, superseded: list[StateFile]) -> bool:
        """Remove the least recently used files until a new one has room; False if it has none."""
        if n_bytes > self._budget:
            return False
        going = {file.path for file in superseded}
        kept = [(path, stat) for path, stat in self._by_use() if path not in going]
        total = sum(stat.st_size for _, stat in kept)
        disk = shutil.disk_usage(self._folder)
        room = disk.free - max(FREE_BYTES, int(disk.total * FREE_SHARE))
        while kept and (total + n_bytes > self._budget or n_bytes > room):
            path, stat = kept.pop(0)
            self._remove(path)
            total -= stat.st_size
            room += stat.st_size
        return n_bytes <= room

    def _by_use(self) -> list[tuple[Path, os.stat_result]]:
        found = []
        for path in self._folder.glob(f"*{ENDING}"):
            try:
                found.append((path, path.stat()))
            except FileNotFoundError:
                continue  # another process was faster
        return sorted(found, key=lambda entry: entry[1].st_mtime_ns)

    def _discard(self, path: Path, error: Exception) -> None:
        if isinstance(error, FileNotFoundError):
            return
        log.warning("the kept state %s is not used: %s", path.name, error)
        self._remove(path)

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:  # on Windows, while another process reads it
            log.info("the kept state %s stays: %s", path.name, error)

    def _remove_unfinished(self) -> None:
        """Remove what processes that are gone have left."""
        for path in self._folder.glob(f"*{ENDING}.*{UNFINISHED}"):
            writer = path.name.removesuffix(UNFINISHED).rpartition(".")[2]
            if writer.isdecimal() and not psutil.pid_exists(int(writer)):
                self._remove(path)

    def _remove_unused(self) -> None:
        """Remove what nobody has used for long: its conversation may be deleted by now."""
        for path, stat in self._by_use():
            if time.time() - stat.st_mtime > UNUSED_DAYS * 86_400:
                self._remove(path)


def _name(state: KeptState) -> str:
    digest = hashlib.blake2b(state.tokens.tobytes(), digest_size=12)
    digest.update(repr([checkpoint.n_tokens for checkpoint in state.checkpoints]).encode())
    return f"{state.fingerprint}-{digest.hexdigest()}{ENDING}"
