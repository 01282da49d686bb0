"""Real workers for the tests, in processes of their own on the loopback interface."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from inference.errors import WorkerUnreachable
from inference.rpc_address import check_worker

DEADLINE_S = 60


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_worker(port: int = 0) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A worker and its address, from when it answers."""
    address = f"127.0.0.1:{port or free_port()}"
    host, _, number = address.rpartition(":")
    command = [sys.executable, "-m", "app", "rpc-worker", "--host", host, "--port", number]
    process = subprocess.Popen([*command, "--threads", "1"], stdout=subprocess.DEVNULL)
    try:
        _await(address, process)
        yield address, process
    finally:
        process.kill()
        process.wait()


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            return check_worker(address)
        except WorkerUnreachable:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
