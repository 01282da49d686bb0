"""Which process is writing a streaming row, and whether it still lives."""

from __future__ import annotations

import os

from msgspec import Struct

_START_TOLERANCE_S = 1.0
"""Start times are derived from the system clock, which may be corrected between two readings."""


class Writer(Struct, frozen=True):
    """A process: its id, and its start as seconds since the epoch, since ids are used again."""

    pid: int
    started: float

    @classmethod
    def current(cls) -> Writer:
        """This process."""
        import psutil  # see `is_another_living_process`

        process = psutil.Process()
        return cls(process.pid, process.create_time())

    def is_another_living_process(self) -> bool:
        """Whether the row is still being written, by a process other than this one."""
        if self.pid == os.getpid() or self.pid <= 0:
            return False
        # Rows that name a process are rare, and psutil is slow to import.
        import psutil

        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) <= _START_TOLERANCE_S
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.AccessDenied:
            return True
        except (psutil.Error, OverflowError):
            return False


def writer_from_row(pid: object, started: object) -> Writer | None:
    """The writer that the row names; None where it names none."""
    if isinstance(pid, int) and isinstance(started, float):
        return Writer(pid, started)
    return None
