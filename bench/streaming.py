"""The longest gap of the window's event loop while a real answer streams into it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.report import Line
from bench.startup import screen_environment


def measure(model: Path, repetitions: int) -> list[Line]:
    """Ask the same questions again and again, each in a new conversation of one window."""
    found = answers(model, repetitions)
    return [
        Line("longest gap of the event loop while streaming", found["gap_ms"], "ms"),
        Line("longest work of the GUI thread between two beats", found["work_ms"], "ms"),
        Line("GUI thread's share of one core", found["share_percent"], "%"),
        Line("decode while the window shows it", found["tokens_per_second"], "tokens/s"),
        Line("ratio to the same answer shown nowhere", found["ratio"], digits=3, at_least=0.95),
    ]


def answers(model: Path, repetitions: int) -> dict[str, list[float]]:
    """What `bench.streaming_window` found, by its names."""
    finished = subprocess.run(
        [sys.executable, "-m", "bench.streaming_window", str(model), str(repetitions)],
        stdout=subprocess.PIPE,
        text=True,
        env=screen_environment(),
        check=True,
    )
    found: dict[str, list[float]] = json.loads(finished.stdout.splitlines()[-1])
    return found
