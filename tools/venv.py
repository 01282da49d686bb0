"""Makes the virtual environment and puts the pinned uv into it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tools.places import LOCK, VENV, venv_pip, venv_program, venv_python
from tools.process import Command, run_logged
from tools.steps import Stamps, StepFailed, file_sha256, say

STEP = "virtual environment"
UV_STEP = "uv"

_CHECK = """
import sys, pip
print(sys.version_info >= (3, 11) and sys.prefix != sys.base_prefix and sys.prefix)
"""


def ensure_venv() -> None:
    """Make `.venv`, or make it anew where it is broken, half made or was moved here.

    Raises:
        StepFailed: It could not be made.
    """
    if is_healthy(VENV, venv_python()):
        return
    if (VENV / "pyvenv.cfg").exists():
        say("The virtual environment in .venv is not usable here; making it anew.")
        _remove(VENV)
    else:
        say("Making the virtual environment in .venv")
    # Started from inside a virtual environment, the Python below it is the one to build on.
    base = getattr(sys, "_base_executable", None) or sys.executable
    command = Command([base, "-m", "venv", VENV])
    run_logged(STEP, command, "Try with another Python: python3.12 dev.py setup.")
    if not is_healthy(VENV, venv_python()):
        raise StepFailed(STEP, f"{base} made one that does not work.", "Try with another Python.")


def is_healthy(venv: Path, python: Path) -> bool:
    """Whether this virtual environment runs, knows pip and was made at the place where it lies."""
    if not python.exists():
        return False
    try:
        answer = subprocess.run(
            [str(python), "-c", _CHECK], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    prefix = answer.stdout.strip()
    if answer.returncode != 0 or prefix in ("", "False"):
        return False
    config = (venv / "pyvenv.cfg").read_text(encoding="utf-8")
    return Path(prefix).resolve() == venv.resolve() and not was_moved(venv, config)


def was_moved(venv: Path, config: str) -> bool:
    """Whether the text of `pyvenv.cfg` tells of another place.

    The programs of a moved environment start with the path of the old one.
    """
    for line in config.splitlines():
        key, _, command = line.partition("=")
        if key.strip() == "command":
            return not command.rstrip().endswith(f" {venv}")
    return False


def _remove(venv: Path) -> None:
    try:
        shutil.rmtree(venv)
    except OSError as error:
        raise StepFailed(
            STEP, f"the old one cannot be removed: {error}", f"Delete the folder {venv}."
        ) from error


def ensure_uv(stamps: Stamps) -> None:
    """Install the uv that the lock file names, with the hashes it names.

    Raises:
        StepFailed: pip could not get it.
    """
    inputs = {"lock": file_sha256(LOCK)}
    if stamps.is_fresh("uv", inputs) and venv_program("uv").exists():
        return
    say("Installing uv, the installer of packages")
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "uv.txt"
        requirements.write_text(pinned("uv", LOCK.read_text(encoding="utf-8")), encoding="utf-8")
        options = ["install", "--no-deps", "--require-hashes", "-r", str(requirements)]
        command = Command([*venv_pip(), *options])
        run_logged(UV_STEP, command, "Check the network and the settings of pip.")
    stamps.write("uv", inputs)


def pinned(name: str, lock: str) -> str:
    """One package of the text of a lock file as a line of a requirements file, with its hashes."""
    for package in tomllib.loads(lock)["package"]:
        if package["name"] == name:
            files = [
                *package.get("wheels", []),
                *([package["sdist"]] if "sdist" in package else []),
            ]
            hashes = " ".join(f"--hash={file['hash']}" for file in files)
            return f"{name}=={package['version']} {hashes}\n"
    raise KeyError(f"{name} is not in the lock file")
