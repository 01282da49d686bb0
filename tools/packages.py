"""Installs the locked packages (llama.cpp among them is compiled here) and Conclave itself."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import backend
from tools.index import uv_environment
from tools.places import LOCK, PYPROJECT, ROOT, VENV, venv_program, venv_python
from tools.process import Command, SignOfLife, output_of, run_logged
from tools.steps import Stamps, StepFailed, file_sha256, say

STEP = "packages"
LLAMA_STEP = "llama.cpp"
PROJECT_STEP = "Conclave itself"
COMPILED = "llama-cpp-python"

_REMEDY = "Check the network and the settings of pip."
_COMPILE_REMEDY = "The reason stands above; --backend cpu needs the least."
_COMPILING = (
    "compiling it, which is done once; it usually takes four to six minutes on two cores,"
    " longer for CUDA and Vulkan"
)


@dataclass(frozen=True)
class Installer:
    """Runs uv on the virtual environment.

    uv runs in an empty folder: the settings in `pyproject.toml` are for locking, and uv would add
    them to those of the command line, which makes another key in its cache.
    """

    env: dict[str, str]

    def run(
        self,
        step: str,
        arguments: Sequence[str | Path],
        remedy: str,
        on_tick: Callable[[float], None] | None = None,
    ) -> None:
        """Run `uv pip` with these arguments."""
        command = [
            venv_program("uv"),
            "pip",
            arguments[0],
            "--python",
            venv_python(),
            *arguments[1:],
        ]
        with tempfile.TemporaryDirectory() as empty:
            run_logged(step, Command(command, cwd=Path(empty), env=self.env), remedy, on_tick)


def ensure_packages(stamps: Stamps, requested: str | None, remembered: str | None) -> None:
    """Install what the lock file names, and nothing else, into the virtual environment.

    Args:
        stamps: Of the virtual environment.
        requested: The backend asked for on the command line.
        remembered: The backend of the call before.

    Raises:
        StepFailed: With the step among packages, llama.cpp and Conclave itself that failed.
    """
    chosen = backend.choose(requested, remembered, backend.look_at_machine)
    lock = file_sha256(LOCK)
    compiled = {"lock": lock, "backend": chosen, "cmake_args": os.environ.get("CMAKE_ARGS", "")}
    project = {"pyproject": file_sha256(PYPROJECT), "root": str(ROOT), **compiled}
    if stamps.is_fresh("project", project):
        return
    stamps.clear("project")
    installer = Installer(_build_environment())
    if not stamps.is_fresh("llama", compiled):
        requirements = _write_requirements()
        _install_wheels(installer, stamps, requirements, lock)
        _install_llama(installer, stamps, requirements, compiled)
    _install_project(installer)
    stamps.write("project", project)


def _build_environment() -> dict[str, str]:
    """The environment of uv: builds find CMake and Ninja of the virtual environment first."""
    programs = venv_program("uv").parent
    return uv_environment({**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"})


def _write_requirements() -> Path:
    export = [
        "export",
        "--frozen",
        "--all-groups",
        "--all-extras",
        "--no-emit-project",
        "--no-header",
    ]
    text = output_of([venv_program("uv"), *export, "--format", "requirements.txt"], cwd=ROOT)
    if text is None:
        raise StepFailed(STEP, "uv.lock cannot be read.", "Restore uv.lock from the repository.")
    path = VENV / "requirements.txt"
    path.write_text(text, encoding="utf-8")
    return path


def _install_wheels(installer: Installer, stamps: Stamps, requirements: Path, lock: str) -> None:
    """Install all but what is compiled; the build tools among them are used for that."""
    if stamps.is_fresh("wheels", {"lock": lock}):
        return
    say("Installing packages")
    path = requirements.with_name("wheels.txt")
    path.write_text(without(COMPILED, requirements.read_text(encoding="utf-8")), encoding="utf-8")
    installer.run(
        STEP, ["install", "--require-hashes", "--no-deps", "-r", path], _REMEDY, SignOfLife()
    )
    stamps.write("wheels", {"lock": lock})


def without(name: str, requirements: str) -> str:
    """A requirements file as uv exports it, less one package."""
    entries = re.split(r"^(?=\S)", requirements, flags=re.MULTILINE)
    return "".join(entry for entry in entries if not entry.startswith(f"{name}=="))


def _install_llama(
    installer: Installer, stamps: Stamps, requirements: Path, compiled: dict[str, str]
) -> None:
    """Compile llama.cpp for the backend, and remove packages that are no longer locked."""
    machine = backend.look_at_machine()
    settings = backend.cmake_settings(compiled["backend"], machine)
    stamps.write("backend", {"backend": compiled["backend"]})
    before = stamps.read("llama")
    stamps.clear("llama")
    if before.get("backend") != compiled["backend"]:
        # The version is the same, so that uv would keep a build for another backend.
        installer.run(LLAMA_STEP, ["uninstall", COMPILED], _REMEDY)
    say(f"Installing llama.cpp for {compiled['backend']}")
    sync = ["sync", "--require-hashes", "--no-build-isolation", *backend.uv_flags(settings)]
    installer.run(LLAMA_STEP, [*sync, requirements], _COMPILE_REMEDY, SignOfLife(_COMPILING))
    stamps.write("llama", compiled)


def _install_project(installer: Installer) -> None:
    arguments = ["install", "--no-build-isolation", "--no-deps", "--editable", str(ROOT)]
    installer.run(PROJECT_STEP, arguments, "Check pyproject.toml.")
