"""The engine's process as its parent holds it: pipes, their reader threads, its log, its end."""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from inference import wire

log = logging.getLogger(__name__)

LOG_LINES = 200
READERS_TIMEOUT_S = 2.0
SAVE_TIMEOUT_S = 25.0
"""A child that has been left may still save for so long."""
SAVING_UNSEEN_S = 0.5
GIVING_WAY = {"GOMP_SPINCOUNT": "300"}
"""For a child whose threads give way: libgomp reads it once, when a process starts. Other OpenMP
libraries do not know it."""


class EngineProcess:
    """One engine process with its two reader threads.

    Args:
        command: The argument list that starts it.
        log_path: Where its stderr is kept.
        on_unloaded: Called, on a thread of this process's, when it gave its idle model back.
        gives_way: Whether its compute threads give their core away instead of spinning for long.
    """

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path | None,
        on_unloaded: Callable[[], None],
        *,
        gives_way: bool,
    ) -> None:
        self.gives_way = gives_way
        self._on_unloaded = on_unloaded
        self.last_lines: deque[str] = deque(maxlen=LOG_LINES)
        self.lines: queue.SimpleQueue[wire.Line | None] = queue.SimpleQueue()
        self._write_lock = threading.Lock()
        no_window = 0x08000000 if sys.platform == "win32" else 0  # CREATE_NO_WINDOW
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=no_window,
            env={**os.environ, **(GIVING_WAY if gives_way else {})},
        )
        self._threads = [
            threading.Thread(target=self._read_events, name="engine-events", daemon=True),
            threading.Thread(
                target=self._read_log, args=(log_path,), name="engine-log", daemon=True
            ),
        ]
        for thread in self._threads:
            thread.start()

    def _pipe(self, pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None  # all three were asked for
        return pipe

    def _read_events(self) -> None:
        for raw in self._pipe(self.process.stdout):
            try:
                line = json.loads(raw)
            except ValueError:
                log.warning("the engine wrote a line that is not JSON: %r", raw[:200])
                continue
            if line.get("event") == wire.UNLOADED:
                self._on_unloaded()
            else:
                self.lines.put(line)
        self.lines.put(None)

    def _read_log(self, log_path: Path | None) -> None:
        sink = _open_log(log_path)
        for raw in self._pipe(self.process.stderr):
            self.last_lines.append(raw.decode("utf-8", "replace").rstrip())
            if sink is not None:
                sink.write(raw)
        if sink is not None:
            sink.close()

    def send(self, line: wire.Line) -> None:
        """Write one line; a child that is gone is noticed by the reader."""
        pipe = self._pipe(self.process.stdin)
        with self._write_lock:
            try:
                pipe.write(wire.dump(line))
                pipe.flush()
            except (OSError, ValueError):
                log.debug("the engine no longer reads")

    def end(self, *, timeout_s: float) -> None:
        """Let it end by closing its stdin, by force if it does not say so within `timeout_s`.

        A child that has closed its stdout only saves what the next start can use: it may outlive
        this process, and is given `SAVE_TIMEOUT_S` for that.
        """
        with self._write_lock:
            try:
                self._pipe(self.process.stdin).close()
            except OSError:
                log.debug("the engine's stdin was already gone")
        events = self._threads[0]
        events.join(timeout_s)
        if events.is_alive():
            self.process.kill()
        try:
            self.process.wait(SAVING_UNSEEN_S)
        except subprocess.TimeoutExpired:
            threading.Thread(target=self._wait, name="engine-saves", daemon=True).start()
        else:
            self._wait()

    def _wait(self) -> None:
        """Wait for its end; gives its pipes back."""
        try:
            self.process.wait(SAVE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            log.warning("the engine did not end after its last request; ending it")
            self.process.kill()
            self.process.wait()
        for thread in self._threads:
            thread.join(READERS_TIMEOUT_S)
        for pipe in (self.process.stdout, self.process.stderr):
            self._pipe(pipe).close()


def _open_log(path: Path | None) -> IO[bytes] | None:
    """The engine's log file, begun anew with every child; None where it cannot be written."""
    if path is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb", buffering=0)
    except OSError as error:
        log.warning("the engine's log %s cannot be written: %s", path, error)
        return None
