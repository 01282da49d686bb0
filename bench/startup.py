"""Time from starting the program to a window that can be used, with no model loaded."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bench.report import Line


class Start(NamedTuple):
    """What a start took until the window took typing, in seconds."""

    elapsed_s: float
    cpu_s: float


def measure(_model: Path, repetitions: int) -> list[Line]:
    """Start the program in a folder without models, again and again."""
    environment = screen_environment()
    start_once("bench.started_window", environment)  # makes the database, fills the file cache
    starts = [start_once("bench.started_window", environment) for _ in range(repetitions)]
    times = [start.elapsed_s for start in starts]
    return [Line("start to a usable window, no model", times, "s", digits=2)]


def screen_environment() -> dict[str, str]:
    """The environment of a window: without a screen Qt paints into memory."""
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled
    if not environment.get("DISPLAY"):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    return environment


def start_once(module: str, environment: Mapping[str, str]) -> Start:
    """Start a module that says when its window is usable.

    Raises:
        RuntimeError: It ended before that.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", module], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    word, _, cpu = process.stdout.readline().partition(" ")
    elapsed = time.perf_counter() - began
    process.stdout.close()
    process.wait(30)
    if word != "usable":
        raise RuntimeError(f"the window did not start (exit {process.returncode})")
    return Start(elapsed, float(cpu))
