"""Asks llama.cpp, in a process of its own, what it makes of a model's header."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self

from gguf import GGMLQuantizationType, LlamaFileType

from converters.errors import ImatrixNeeded, NativeCheckFailed

DEADLINE_S = 300
_TENSOR = re.compile(
    r"^\[ *\d+/ *\d+\] +(?P<name>\S+) +- \[[^]]*\], type = +(?P<old>\w+), "
    r"size = +[\d.]+ MiB(?: -> +[\d.]+ MiB \((?P<new>\w+)\))?"
)
_FALLBACK = re.compile(r"warning: +(\S+) +- ncols +(\d+) .*falling back to +(\w+)")
_NEEDS_IMATRIX = "will require an imatrix"
_SHOWN_LINES = 5
_TELLING = ("error", "fail", "assert", "not found", "wrong")


@dataclass(frozen=True, slots=True)
class MixQuestion:
    """How a model shall be quantized.

    Attributes:
        file_type: The mix.
        output_type: For the output matrix, instead of the mix's choice.
        embedding_type: For the token embedding.
        tensor_types: Regular expressions on names, and types; the first that fits counts.
        has_imatrix: Whether there is an importance matrix.
    """

    file_type: int
    output_type: int | None = None
    embedding_type: int | None = None
    tensor_types: tuple[tuple[str, int], ...] = ()
    has_imatrix: bool = False


@dataclass(frozen=True, slots=True)
class Mix:
    """llama.cpp's choice.

    Attributes:
        types: By the tensor's name.
        fallbacks: Sentences on tensors whose rows the wanted type cannot hold.
    """

    types: Mapping[str, GGMLQuantizationType]
    fallbacks: tuple[str, ...]


class Judge:
    """llama.cpp's opinion. A context manager: its process ends with it.

    Args:
        command: What starts `converters.llama.child`; the default is this Python.
    """

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = list(command) or [sys.executable, "-m", "converters.llama.child"]
        self._process: subprocess.Popen[str] | None = None
        self._said: IO[str] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the process now: that takes a second, in which other work can be done."""
        self._started()

    def close(self) -> None:
        """End the process, and with it a question that is open; the next one starts another."""
        process = self._process
        if process is not None:
            process.kill()
        with self._lock:
            self._release()

    def _release(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        if self._said is not None:
            self._said.close()
            self._said = None

    def check_loads(self, path: Path) -> None:
        """Make sure that llama.cpp takes the file's keys, vocabulary and tensors.

        Raises:
            NativeCheckFailed: It does not.
        """
        answer = self._ask({"question": "load", "path": str(path)})
        if not answer["ok"]:
            raise _refused(answer["log"])

    def mix(self, path: Path, question: MixQuestion) -> Mix:
        """The type of every tensor.

        Args:
            path: A GGUF file; its tensors may be holes.
            question: How it shall be quantized.

        Raises:
            ImatrixNeeded: The mix cannot be made without an importance matrix.
            NativeCheckFailed: llama.cpp does not take the file.
        """
        answer = self._ask({"question": "mix", "path": str(path), **asdict(question)})
        lines: list[str] = answer["log"]
        if not answer["ok"]:
            raise _refused(lines)
        if any(_NEEDS_IMATRIX in line for line in lines):
            raise ImatrixNeeded(
                f"{LlamaFileType(question.file_type).name.removeprefix('MOSTLY_')} needs an "
                "importance matrix",
                "So few bits a weight serve only where the important weights are known.",
                "Make one with `conclave calibrate` and give it with --imatrix, or choose a "
                "larger type.",
            )
        return Mix(_types(lines), tuple(_fallbacks(lines)))

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The child's answer; its death is one too."""
        with self._lock:  # a question that nobody waits for any more may still be open
            return self._asked(question)

    def _asked(self, question: Mapping[str, Any]) -> dict[str, Any]:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(DEADLINE_S, process.kill)
        timer.start()
        try:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            raise _refused(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            no_window = 0x08000000 if sys.platform == "win32" else 0  # CREATE_NO_WINDOW
            self._said = tempfile.TemporaryFile(  # noqa: SIM115  (closed in `close`)
                "w+", encoding="utf-8", errors="replace"
            )
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                encoding="utf-8",
                creationflags=no_window,
            )
        return self._process

    def _last_words(self) -> list[str]:
        """What the dead process wrote to stderr."""
        process, said = self._process, self._said
        assert process is not None
        assert said is not None
        process.wait(DEADLINE_S)
        said.seek(0)
        lines = said.read().splitlines()
        self._release()
        return lines


def _types(lines: Sequence[str]) -> dict[str, GGMLQuantizationType]:
    found = (_TENSOR.match(line) for line in lines)
    return {
        match["name"]: GGMLQuantizationType[(match["new"] or match["old"]).upper()]
        for match in found
        if match
    }


def _fallbacks(lines: Sequence[str]) -> list[str]:
    found = (_FALLBACK.search(line) for line in lines)
    return [
        f"{match[1]} has rows of {match[2]} weights, which do not fit: {match[3].upper()} instead"
        for match in found
        if match
    ]


def _refused(lines: Sequence[str]) -> NativeCheckFailed:
    return NativeCheckFailed(
        "llama.cpp does not take this model",
        _explanation(lines),
        "The checkpoint may be incomplete or of another architecture than it says; a newer "
        "version of Conclave may know it.",
    )


def _explanation(lines: Sequence[str]) -> str:
    """The lines that speak of an error, else the last ones."""
    telling = [line for line in lines if any(word in line.lower() for word in _TELLING)]
    return " ".join(line.strip() for line in (telling or list(lines))[-_SHOWN_LINES:]) or (
        "It said nothing."
    )
