"""The longest gap of the window's event loop while a real answer streams into it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.report import Line


def measure(model: Path, repetitions: int) -> list[Line]:
    """Ask the same questions again and again, each in a new conversation of one window."""
    environment = {**os.environ}
    if not environment.get("DISPLAY"):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    finished = subprocess.run(
        [sys.executable, "-m", "bench.streaming_window", str(model), str(repetitions)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        check=True,
    )
    answers = json.loads(finished.stdout.splitlines()[-1])
    return [
        Line("longest gap of the event loop while streaming", answers["gap_ms"], "ms"),
        Line("longest work of the GUI thread between two beats", answers["work_ms"], "ms"),
        Line("GUI thread's share of one core", answers["share_percent"], "%"),
        Line("decode while the window shows it", answers["tokens_per_second"], "tokens/s"),
        Line("ratio to the same answer shown nowhere", answers["ratio"], digits=3),
    ]
