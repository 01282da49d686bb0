"""Makes the folder `conclave`, which runs without Python."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tools.places import DIST, LOCK, ROOT, venv_python

SPEC = ROOT / "build.spec"
FOLDER = DIST / "conclave"
_SOURCES = ("app", "converters", "inference", "resources")


def program_in(folder: Path) -> Path:
    """The program of a package."""
    return folder / ("conclave.exe" if os.name == "nt" else "conclave")


def is_current() -> bool:
    """Whether the package was made from the sources as they are now."""
    try:
        made_at = program_in(FOLDER).stat().st_mtime
    except OSError:
        return False
    return all(source.stat().st_mtime < made_at for source in _sources())


def build(*options: str) -> int:
    """Make the package anew; the status of PyInstaller."""
    program = [str(venv_python()), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    places = ["--distpath", str(DIST), "--workpath", str(ROOT / "build")]
    return subprocess.run(
        [*program, *places, *options, str(SPEC)], cwd=ROOT, check=False
    ).returncode


def _sources() -> list[Path]:
    files = [file for name in _SOURCES for file in (ROOT / name).rglob("*") if file.is_file()]
    return [SPEC, LOCK, *(file for file in files if "__pycache__" not in file.parts)]
