"""The commands of `dev.py`: what each does once everything is set up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import package
from tools.backend import BACKENDS
from tools.lockfile import relock
from tools.places import IS_LINUX, IS_WINDOWS, ROOT, venv_program, venv_python
from tools.setup import set_up
from tools.steps import StepFailed, say

USAGE = f"""\
usage: python3 dev.py [--backend {"|".join(BACKENDS)}] COMMAND [ARGUMENTS]

Sets everything up first; what is done already is not done again.

  run       open Conclave, in the terminal where there is no display; arguments go to it
  test      run the tests; arguments go to pytest
  lint      check style, types and the directions of imports
  bench     measure; arguments choose what
  package   make the folder dist/conclave that runs without Python
  screenshots  take pictures of the window in its main states, light and dark, into docs/images
  translations  bring resources/translations up to date with the texts of the window
  setup     set up, and stop there
  lock      resolve the requirements of pyproject.toml anew into uv.lock

--backend says what llama.cpp is compiled for. Without it: what it was compiled for before, else
Metal on macOS, CUDA where nvcc and an NVIDIA driver are, else the CPU.
"""

LINTERS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("lint-imports",),
)


class UsageError(Exception):
    """The command line makes no sense; the message says why."""


@dataclass(frozen=True)
class Call:
    """A command line, taken apart."""

    command: str
    arguments: list[str]
    backend: str | None = None


def parse(argv: Sequence[str]) -> Call:
    """Take a command line apart; `--backend` may stand before the command or right after it.

    Raises:
        UsageError: A command or a backend is missing or unknown.
    """
    rest = list(argv)
    backend = _take_backend(rest)
    if not rest:
        raise UsageError("Which command?")
    command = rest.pop(0)
    if command not in COMMANDS:
        raise UsageError(f"There is no command {command!r}.")
    return Call(command, rest, _take_backend(rest) or backend)


def _take_backend(rest: list[str]) -> str | None:
    if not rest or rest[0].partition("=")[0] != "--backend":
        return None
    value = rest.pop(0).partition("=")[2] or (rest.pop(0) if rest else "")
    if value not in BACKENDS:
        raise UsageError(f"--backend takes one of {', '.join(BACKENDS)}.")
    return value


def main(argv: Sequence[str]) -> int:
    """Carry out a command line; the result is the exit status."""
    if argv and argv[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0
    try:
        call = parse(argv)
        set_up(call.backend, needs_model=call.command == "test")
        return COMMANDS[call.command](call.arguments)
    except UsageError as error:
        print(f"{error}\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    except StepFailed as failure:
        print(failure.report(), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _run(arguments: list[str]) -> int:
    wanted = run_arguments(arguments, os.environ, is_linux=IS_LINUX)
    if wanted != arguments:
        say("There is no display here, so this is the terminal chat. Ctrl+D ends it.")
    # -P: it starts where the person is, where another folder may be called "app".
    command = [str(venv_python()), "-P", "-m", "app", *wanted]
    if not IS_WINDOWS:
        # The same process goes on as Conclave, so that signals reach it.
        os.execv(command[0], command)
    return _call(command, cwd=None)


def run_arguments(arguments: list[str], env: Mapping[str, str], *, is_linux: bool) -> list[str]:
    """The arguments for Conclave: without a display, `chat` takes the place of the window."""
    has_display = any(env.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    return arguments if arguments or has_display or not is_linux else ["chat"]


def _test(arguments: list[str]) -> int:
    env = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    return _call([str(venv_python()), "-m", "pytest", *arguments], env=env)


def _lint(arguments: list[str]) -> int:
    if arguments:
        raise UsageError("lint takes no arguments.")
    failed = []
    for program, *options in LINTERS:
        say(f"$ {' '.join((program, *options))}")
        if _call([str(venv_program(program)), *options]) != 0:
            failed.append(program)
    if failed:
        say(f"Not clean: {', '.join(failed)}")
    return 1 if failed else 0


def _bench(arguments: list[str]) -> int:
    return _call([str(venv_python()), "-m", "bench", *arguments])


def _screenshots(arguments: list[str]) -> int:
    env = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    return _call([str(venv_python()), "-m", "tests.screenshots", *arguments], env=env)


def _translations(arguments: list[str]) -> int:
    if arguments:
        raise UsageError("translations takes no arguments.")
    return _call([str(venv_python()), "-m", "tools.translations"])


def _package(arguments: list[str]) -> int:
    status = package.build(*arguments)
    if status == 0:
        say(f"The package is in {package.FOLDER}")
    return status


def _setup(arguments: list[str]) -> int:
    if arguments:
        raise UsageError("setup takes no arguments.")
    say("Conclave is set up.")
    return 0


def _lock(arguments: list[str]) -> int:
    if arguments:
        raise UsageError("lock takes no arguments.")
    relock()
    set_up(None, needs_model=False)
    return 0


def _call(
    command: list[str], *, cwd: Path | None = ROOT, env: Mapping[str, str] | None = None
) -> int:
    """Run a program at the terminal; its status."""
    return subprocess.run(command, cwd=cwd, env=env, check=False).returncode


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run,
    "test": _test,
    "lint": _lint,
    "bench": _bench,
    "package": _package,
    "screenshots": _screenshots,
    "translations": _translations,
    "setup": _setup,
    "lock": _lock,
}
