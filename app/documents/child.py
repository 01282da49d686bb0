"""The process that reads one attached file: a path from stdin, its text or picture to stdout.

Parent to child: `{"path": ...}`, or with `"data"` in base64 what a file of that name would hold.
Child to parent, one JSON object a line: `{"progress": 0.5}` from time to time, then
`{"attachment": {...}}` or `{"error": {"title", "detail", "hint"}}`. When stdin closes, nobody waits
any more, and the process ends at once.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

import msgspec

from app.documents.reading import read_data, read_document
from app.errors import AttachmentRefused
from inference.errors import ReportedError

MAX_MEMORY_BYTES = 3_000_000_000


def main() -> int:
    """Read the file that stdin names; returns 0, since the last line tells how it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the parent's to handle
    protocol = os.dup(1)
    os.dup2(2, 1)
    order = json.loads(sys.stdin.readline() or "null")
    if order is None:
        return 0
    _limit_memory()
    threading.Thread(target=_watch_parent, name="parent", daemon=True).start()
    with os.fdopen(protocol, "w", encoding="ascii") as output:
        data = base64.b64decode(order["data"]) if "data" in order else None
        _send(output, _result(Path(order["path"]), data, output))
    return 0


def _result(path: Path, data: bytes | None, output: TextIO) -> dict[str, Any]:
    def tell(done: float) -> None:
        _send(output, {"progress": done})

    try:
        read = read_document(path, tell) if data is None else read_data(path, data, tell)
    except ReportedError as error:
        return _error(error)
    except MemoryError:
        return _error(
            AttachmentRefused(
                f"“{path.name}” is too large",
                f"Reading it takes more than {MAX_MEMORY_BYTES / 1e9:.0f} GB of memory.",
                "Attach the part that the question is about.",
            )
        )
    return {"attachment": msgspec.to_builtins(read)}


def _error(error: ReportedError) -> dict[str, Any]:
    return {"error": {"title": error.title, "detail": error.detail, "hint": error.hint}}


def _limit_memory() -> None:
    """Where the system can: a few bytes of PDF can ask for very much memory."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MAX_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(hard, MAX_MEMORY_BYTES)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _watch_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def _send(output: TextIO, line: dict[str, Any]) -> None:
    output.write(json.dumps(line) + "\n")
    output.flush()
