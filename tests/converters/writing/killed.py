"""Converts again and again in forks that are killed at random moments. argv: checkpoint, target.

Run as a module. A moment is one of the operations on the file system: it is killed before it, or
in the middle of it where it writes. Prints, for each kill, the operation and what stands under the
final name and beside it. llama.cpp's process is the parent's and serves all forks; none is killed
while it asks.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from converters.llama import Judge
from converters.making import Converted
from converters.writing import output
from tests.converters.making import converted

N_KILLS = 20


class Fate:
    """Counts operations; ends the process at the one that is fatal."""

    def __init__(self, fatal: int) -> None:
        self._fatal, self.count = fatal, 0
        self.asking = threading.Lock()

    def wrapped(self, real: Callable[..., Any], half: Callable[..., Any] | None = None) -> Any:
        def operation(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            if self.count == self._fatal:
                if half is not None:
                    half(*arguments)
                with self.asking:  # the answer would reach the next fork
                    os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return operation


def _convert(fate: Fate, source: Path, target: Path, judge: Judge) -> object:
    real_write, real_append = output.write_at, output.Output._append

    def half_write(descriptor: int, data: memoryview, offset: int, flags: int = 0) -> None:
        real_write(descriptor, data[: len(data) // 2], offset, flags)

    def half_line(self: output.Output, entry: dict[str, Any]) -> None:
        assert self._journal is not None
        self._journal.write(json.dumps(entry)[:9])
        self._journal.flush()

    real_check = Judge.check_loads

    def check_loads(self: Judge, path: Path) -> None:
        with fate.asking:
            real_check(self, path)

    Judge.check_loads = check_loads  # type: ignore[method-assign]
    output.write_at = fate.wrapped(real_write, half_write)
    output.Output._append = fate.wrapped(real_append, half_line)
    for name in ("fsync", "ftruncate", "posix_fallocate"):
        setattr(os, name, fate.wrapped(getattr(os, name)))
    for name in ("replace", "mkdir"):
        setattr(Path, name, fate.wrapped(getattr(Path, name)))
    return converted(source, target, judge, type="F32")


def _in_a_fork(fatal: int, source: Path, target: Path, judge: Judge) -> tuple[int, int]:
    """How it ended, and how many operations there were."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        fate = Fate(fatal)
        is_done = isinstance(_convert(fate, source, target, judge), Converted)
        os.write(writing, str(fate.count).encode())
        os._exit(not is_done)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        return os.waitstatus_to_exitcode(status), int(answer.read() or 0)


def main() -> int:
    """Kill, look, kill again; in the end let it come to its end."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    report = []
    with Judge() as judge:
        converted(source, target, judge, type="F32", dry_run=True)  # starts llama.cpp's process
        code, n_operations = _in_a_fork(0, source, target, judge)
        whole = target.read_bytes()
        assert code == 0
        chance = random.Random(4)
        for fatal in sorted(chance.sample(range(1, n_operations + 1), N_KILLS)):
            target.unlink(missing_ok=True)
            code, _ = _in_a_fork(fatal, source, target, judge)
            under_the_name = target.read_bytes() == whole if target.exists() else None
            report.append((fatal, code, under_the_name))
        target.unlink(missing_ok=True)
        code, n_at_last = _in_a_fork(0, source, target, judge)
        is_whole = code == 0 and target.read_bytes() == whole
    left = sorted(path.name for path in target.parent.iterdir())
    told = {"kills": report, "n": n_operations, "n_at_last": n_at_last, "whole": is_whole}
    sys.stdout.write(json.dumps({**told, "left": left}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
