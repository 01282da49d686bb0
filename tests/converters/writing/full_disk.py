"""Converts onto a file system that fills up. argv: checkpoint, folder; CASE is the third.

Run as a module; it mounts a small file system at the folder, so it needs a mount namespace of its
own (`unshare --map-root-user --mount`). Prints what happened, the first time and with room again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from converters.llama import Judge
from converters.making import Converted
from converters.writing.output import Output
from inference.errors import ReportedError
from tests.converters.comparing import is_same_file
from tests.converters.making import converted

SIZE_MB = 64
FAMILY = "mixtral"


def _fill(folder: Path) -> None:
    """Take all the room there is."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def _attempt(source: Path, target: Path, judge: Judge) -> dict[str, Any]:
    told: dict[str, Any] = {}
    try:
        result = converted(source, target, judge, type="F32")
        assert isinstance(result, Converted)
        told["notes"] = result.notes
    except ReportedError as error:
        told |= {"error": type(error).__name__, "title": error.title, "detail": error.detail}
        told["hint"] = error.hint
    told["is_whole"] = target.exists() and is_same_file(target, FAMILY, "f32")
    told["left"] = sorted(path.name for path in target.parent.iterdir())
    return told


def _fill_at_write(number: int, folder: Path) -> None:
    """Another program takes the room when so many pieces are written."""
    real, calls = Output.write, 0

    def write(self: Output, *arguments: Any) -> int:
        nonlocal calls
        calls += 1
        if calls == number:
            _fill(folder)
        return real(self, *arguments)

    Output.write = write  # type: ignore[method-assign]


def main() -> int:
    """Mount, fill, convert, make room, convert."""
    source, folder, case = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "t", folder], check=True)
    if case == "before":
        _fill(folder)
    else:
        _fill_at_write(5, folder)
    if case == "unreserved":
        del os.posix_fallocate  # as on systems that cannot reserve room
    with Judge() as judge:
        first = _attempt(source, folder / "x.gguf", judge)
        (folder / "filler").unlink()
        (folder / "x.gguf").unlink(missing_ok=True)
        second = _attempt(source, folder / "x.gguf", judge)
    sys.stdout.write(json.dumps([first, second]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
