"""What this machine is, as far as the speed of a model depends on it."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

import psutil

_CPU_INFO = Path("/proc/cpuinfo")
_NVIDIA = Path("/proc/driver/nvidia/gpus")


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor, memory and graphics cards."""

    processor: str
    physical_cores: int
    logical_cores: int
    memory_gib: int
    cards: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """All of it on one line; another machine has another one."""
        cores = f"{self.physical_cores} cores, {self.logical_cores} threads"
        return ", ".join((self.processor, cores, f"{self.memory_gib} GiB", *self.cards))


def this_machine() -> Machine:
    """Look at the machine; a few milliseconds."""
    logical = psutil.cpu_count() or os.cpu_count() or 1
    return Machine(
        processor=_processor(_CPU_INFO),
        physical_cores=psutil.cpu_count(logical=False) or logical,
        logical_cores=logical,
        memory_gib=round(psutil.virtual_memory().total / 2**30),
        cards=_nvidia_cards(_NVIDIA),
    )


def _processor(cpu_info: Path) -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", cpu_info.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def _nvidia_cards(folder: Path) -> tuple[str, ...]:
    """Names of the cards that the driver shows; elsewhere none is looked for."""
    names = []
    for info in sorted(folder.glob("*/information")):
        found = re.search(r"^Model:\s*(.+)$", info.read_text(errors="replace"), re.MULTILINE)
        names.append(found[1].strip() if found else info.parent.name)
    return tuple(names)
