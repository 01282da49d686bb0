"""llama.cpp as a reference, in a process of its own: a failed assertion of ggml ends a process.

One process serves all tests of a session, since loading llama.cpp takes longer than most of them.
Run as a module, this file is that process.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from typing import IO, Any

_SHOWN_CHARACTERS = 3000


class ReferenceProcess:
    """Calls functions of other modules in a process that is started when it is needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._said: IO[str] | None = None

    def call(self, module: str, function: str, **arguments: Any) -> Any:
        """What the function returns; arguments and result are JSON.

        Raises:
            AssertionError: The process ended; with its last words.
        """
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([module, function, arguments]) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            assert self._said is not None
            process.wait()
            self._said.seek(0)
            words = self._said.read()[-_SHOWN_CHARACTERS:]
            self.close()
            raise AssertionError(f"llama.cpp failed in {function}{arguments}: {words}")
        return json.loads(line)

    def close(self) -> None:
        """End the process; the next call starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        if self._said is not None:
            self._said.close()
            self._said = None

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._said = tempfile.TemporaryFile(  # noqa: SIM115  (closed in `close`)
                "w+", encoding="utf-8", errors="replace"
            )
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                text=True,
            )
        return self._process


REFERENCE = ReferenceProcess()
atexit.register(REFERENCE.close)


def main() -> int:
    """Carry out calls until nobody calls."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever llama.cpp writes to stdout itself
    for line in sys.stdin:
        module, function, arguments = json.loads(line)
        result = getattr(import_module(module), function)(**arguments)
        answers.write(json.dumps(result) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
