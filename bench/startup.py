"""Time from starting the program to a window that can be used, with no model loaded."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from bench.report import Line


def measure(_model: Path, repetitions: int) -> list[Line]:
    """Start the program in a folder without models, again and again."""
    _start_once()  # makes the database and fills the file cache
    times = [_start_once() for _ in range(repetitions)]
    return [Line("start to a usable window, no model", times, "s", digits=2)]


def _start_once() -> float:
    """Seconds until the composer has the focus and the list of conversations is there."""
    environment = {**os.environ}
    if not environment.get("DISPLAY"):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.started_window"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    word = process.stdout.readline().strip()
    elapsed = time.perf_counter() - began
    process.stdout.close()
    process.wait(30)
    if word != "usable":
        raise RuntimeError(f"the window did not start (exit {process.returncode})")
    return elapsed
