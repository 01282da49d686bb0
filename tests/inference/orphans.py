"""Processes that lose their parent."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil

DEADLINE_S = 30


def assert_ends_with_its_parent(script: str) -> None:
    """Run a script that prints the id of a process it has started; kill it, and see both gone."""
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + DEADLINE_S
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.05)
