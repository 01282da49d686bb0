"""Reads one attached file in a process of its own, with a deadline; any thread."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.attachments import Attachment
from app.errors import AttachmentRefused

if TYPE_CHECKING:
    import subprocess

DEADLINE_S = 60.0


class FileReading:
    """One file on its way to become an attachment.

    Args:
        command: What starts `app.documents.child`.
        path: The file.
        data: What is read as if it were in a file of that name, which then need not be there.
        deadline_s: The process is ended after so long.
    """

    def __init__(
        self,
        command: Sequence[str],
        path: Path,
        deadline_s: float = DEADLINE_S,
        data: bytes | None = None,
    ) -> None:
        self.path = path
        self._data = data
        self._command = list(command)
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = False
        self._late = False

    def run(self, on_progress: Callable[[float], object]) -> Attachment | None:
        """Read it; None where it was cancelled.

        Raises:
            AttachmentRefused: There is no text to be had; the error says why.
        """
        process = self._start()
        if process is None:
            return None
        timer = threading.Timer(self._deadline_s, self._on_deadline)
        timer.daemon = True
        timer.start()
        try:
            with process:
                return self._result(process, on_progress)
        finally:
            timer.cancel()

    def cancel(self) -> None:
        """End it now; any thread."""
        with self._lock:
            self._cancelled = True
            if self._process is not None:
                self._process.kill()

    def _start(self) -> subprocess.Popen[str] | None:
        import subprocess  # the window needs it for nothing else at its start

        with self._lock:
            if self._cancelled:
                return None
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # parsers grumble about what they mend
                text=True,
                encoding="ascii",
            )
            return self._process

    def _on_deadline(self) -> None:
        with self._lock:
            self._late = True
            if self._process is not None:
                self._process.kill()

    def _result(
        self, process: subprocess.Popen[str], on_progress: Callable[[float], object]
    ) -> Attachment | None:
        import msgspec

        assert process.stdin is not None
        assert process.stdout is not None
        try:
            order = {"path": str(self.path)}
            if self._data is not None:
                order["data"] = base64.b64encode(self._data).decode("ascii")
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            for raw in process.stdout:
                line = json.loads(raw)
                if "progress" in line:
                    on_progress(line["progress"])
                elif "attachment" in line:
                    return msgspec.convert(line["attachment"], Attachment)
                else:
                    raise AttachmentRefused(**line["error"])
        except (BrokenPipeError, json.JSONDecodeError):
            pass  # it ended in the middle of a line
        if self._cancelled:
            return None
        raise self._broken_off()

    def _broken_off(self) -> AttachmentRefused:
        if self._late:
            return AttachmentRefused(
                f"Reading “{self.path.name}” takes too long",
                f"It was given up after {self._deadline_s:.0f} seconds.",
                "Attach a smaller part of it, or save it as a text file.",
            )
        return AttachmentRefused(
            f"“{self.path.name}” cannot be read",
            "The process that reads it ended before it was done: the file may be damaged, or it "
            "takes more memory than there is.",
            "Open it in the program that made it, and save it again.",
        )
