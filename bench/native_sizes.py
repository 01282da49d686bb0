"""What llama.cpp reported about its memory in the engine's log: the reference of our figures."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

MIB = 1 << 20
DEADLINE_S = 60
_LINE = re.compile(r"(\S+) (model|KV|RS|compute) buffer size = +([\d.]+) MiB")
_LAST = "graph: nodes ="


@dataclass
class Reported:
    """MiB by device ("CPU" or "RPC0") of one load."""

    weights: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    cache: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    compute: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def total(self, device: str) -> float:
        """All that a device holds."""
        return self.weights[device] + self.cache[device] + self.compute[device]

    @property
    def whole(self) -> float:
        """What all devices hold together."""
        return sum(sum(part.values()) for part in (self.weights, self.cache, self.compute))


def last_report(log_path: Path, n_loads: int) -> Reported:
    """The sizes of the last of so many loads; waits until they are written."""
    deadline = time.monotonic() + DEADLINE_S
    while (text := log_path.read_text(errors="replace")).count(_LAST) < n_loads:
        if time.monotonic() > deadline:
            raise RuntimeError("the engine's log does not tell of the load")
        time.sleep(0.01)
    report = Reported()
    for name, what, size in _LINE.findall(text.split(_LAST)[n_loads - 1]):
        device = name.partition("[")[0].partition("_")[0]
        place = {"model": report.weights, "compute": report.compute}.get(what, report.cache)
        place[device] += float(size)
    return report
