"""The process in which chat templates run: hostile code, far from the model and its memory.

One JSON line in, `{"source": ..., "variables": {...}}`; one out, `{"text"}` or `{"error"}`.
It ends when its stdin does, even in the middle of a template.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from contextlib import suppress

from inference.prompt.jinja_template import TemplateBroken, render

MAX_MEMORY_BYTES = 1 << 30


def main() -> int:
    """Render until the parent goes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is not for it
    _limit_memory()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), name="requests", daemon=True).start()
    _write({"ready": True})
    while True:
        request = json.loads(lines.get())
        try:
            _write({"text": render(request["source"], request["variables"])})
        except TemplateBroken as error:
            _write({"error": str(error)})


def _limit_memory() -> None:
    """No more address space than templates need, where the system can say so."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


def _read(lines: queue.SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)  # a template may hold the main thread for ever


def _write(answer: dict[str, object]) -> None:
    try:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    except OSError:
        # The engine is gone. Its log, which is this process's too, ends with its own last words.
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
