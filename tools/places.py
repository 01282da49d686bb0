"""Where the repository keeps things, and the names that differ between systems."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "uv.lock"
PYPROJECT = ROOT / "pyproject.toml"
SETUP_LOG = VENV / "setup.log"
DIST = ROOT / "dist"

IS_WINDOWS = os.name == "nt"
IS_MACOS = sys.platform == "darwin"
IS_LINUX = sys.platform.startswith("linux")


def venv_program(name: str) -> Path:
    """The path of a program of the virtual environment, there or not."""
    return VENV / "Scripts" / f"{name}.exe" if IS_WINDOWS else VENV / "bin" / name


def venv_python() -> Path:
    """The Python of the virtual environment."""
    return venv_program("python")


def venv_pip() -> list[str]:
    """The start of each command line of pip."""
    return [str(venv_python()), "-m", "pip", "--disable-pip-version-check"]
