"""Engines for measurements, and what a process holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from app.child import child_command
from inference.host import EngineHost


@contextmanager
def running_engine() -> Iterator[EngineHost]:
    """An engine of its own, ended behind the block."""
    host = EngineHost(child_command("engine"))
    try:
        yield host
    finally:
        host.close()


def unshared_bytes(process: psutil.Process) -> int:
    """Memory that would come free with the process's end."""
    return int(process.memory_full_info().uss)
