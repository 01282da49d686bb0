"""The engine's end of the process that renders chat templates: its start, its deadline, its death.

A template can loop for ever, and in a single call of C ask for all the memory there is. No
exception that Python throws into a thread ends that; only the death of a process does.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from inference.prompt.jinja_template import TemplateBroken

DEADLINE_S = 2.0
START_DEADLINE_S = 60.0


class _Died(TemplateBroken):
    """The process is gone."""


class TemplateProcess:
    """Renders templates in a child that is started when it is needed, and again after its death.

    Args:
        command: The argument list that starts `inference.prompt.template_child`.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._reader = threading.Thread()
        self._is_ready = False

    def start(self) -> None:
        """Start the child, so that it is ready when it is needed; does not wait for it."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        no_window = 0x08000000 if sys.platform == "win32" else 0  # CREATE_NO_WINDOW
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            creationflags=no_window,
        )
        self._lines = queue.SimpleQueue()
        self._reader = threading.Thread(
            target=_read, args=(self._process, self._lines), name="templates", daemon=True
        )
        self._reader.start()

    def render(self, source: str, variables: dict[str, Any]) -> str:
        """The text of a template.

        Raises:
            TemplateBroken: It failed, took longer than `DEADLINE_S`, or brought its process down.
        """
        was_used = self._is_ready
        try:
            return self._asked(source, variables)
        except _Died:
            if not was_used:
                raise
        return self._asked(source, variables)  # it may have died before, unseen

    def _asked(self, source: str, variables: dict[str, Any]) -> str:
        self.start()
        if not self._is_ready:
            self._answer(START_DEADLINE_S)
            self._is_ready = True
        self._send({"source": source, "variables": variables})
        answer = self._answer(DEADLINE_S)
        if "error" in answer:
            raise TemplateBroken(answer["error"])
        return str(answer["text"])

    def close(self) -> None:
        """End the child."""
        process, self._process = self._process, None
        self._is_ready = False
        if process is None:
            return
        process.kill()
        process.wait()
        self._reader.join()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                _open(pipe).close()

    def _send(self, request: dict[str, Any]) -> None:
        with suppress(OSError):  # one that is gone is noticed by the missing answer
            pipe = _open(self._process.stdin if self._process else None)
            pipe.write(json.dumps(request).encode("ascii") + b"\n")
            pipe.flush()

    def _answer(self, deadline_s: float) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=deadline_s)
        except queue.Empty:
            self.close()
            raise TemplateBroken(f"it did not end within {deadline_s:g} s") from None
        if line is None:
            self.close()
            raise _Died("it brought down the process that it ran in")
        return dict(json.loads(line))


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # both were asked for
    return pipe


def _read(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[bytes | None]) -> None:
    for line in _open(process.stdout):
        lines.put(line)
    lines.put(None)
