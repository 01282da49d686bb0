"""Makes `uv.lock` anew, and takes out of it where the files came from.

Which index packages come from is a setting of each machine; the hashes make sure of the files.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from tools.index import uv_environment
from tools.places import LOCK, PYPROJECT, venv_program, venv_python
from tools.process import Command, output_of, run_logged
from tools.steps import StepFailed, say

STEP = "lock file"
_REMEDY = "Check the network and the requirements in pyproject.toml."


def relock() -> None:
    """Resolve the requirements of `pyproject.toml` from scratch and replace `uv.lock`.

    Raises:
        StepFailed: They cannot be resolved; `uv.lock` is as before.
    """
    say("Resolving the requirements in pyproject.toml")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(PYPROJECT, folder)
        uv = [str(venv_program("uv")), "lock", "--python", str(venv_python())]
        run_logged(STEP, Command(uv, cwd=folder, env=uv_environment(os.environ)), _REMEDY)
        lock = folder / LOCK.name
        lock.write_text(without_origin(lock.read_text(encoding="utf-8")), encoding="utf-8")
        _check(folder)
        partial = LOCK.with_suffix(".part")
        shutil.copy(lock, partial)
        partial.replace(LOCK)


def without_origin(lock: str) -> str:
    """The text of a lock file, less the addresses of index and files."""
    lock = re.sub(r'source = \{ registry = "[^"]*" \}', 'source = { registry = "packages" }', lock)
    return re.sub(r'\burl = "[^"]*/([^"/]+)"', r'filename = "\1"', lock)


def _check(folder: Path) -> None:
    uv = [
        str(venv_program("uv")),
        "export",
        "--frozen",
        "--all-groups",
        "--all-extras",
        "--no-emit-project",
    ]
    if not output_of([*uv, "--format", "requirements.txt"], cwd=folder):
        raise StepFailed(STEP, "uv cannot read its own lock file.", "Try another version of uv.")
