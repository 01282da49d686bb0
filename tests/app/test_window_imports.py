from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = {
    "PIL",
    "PySide6.QtNetwork",
    "click",
    "docx",
    "gguf",
    "httpx",
    "numpy",
    "psutil",
    "pydantic",
    "pygments",
    "pypdf",
    "rich",
    "subprocess",
    "typer",
}

SHOW = """
from app.composition import Program, make_application, paths
from app.store import Store
from inference.host import EngineHost
from PySide6 import QtWidgets
application = make_application([])
program = Program(Store(paths.database_path()), EngineHost([]))
program.window.show()
application.processEvents()
print("QLabel" in vars(QtWidgets), "QWizard" in vars(QtWidgets))
program.close()
"""


def said(program: str, **environment: str) -> list[str]:
    """The words that a program prints."""
    found = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return found.stdout.split()


def test_the_window_starts_without_what_it_does_not_show_at_once() -> None:
    # Each of them takes from two milliseconds to a tenth of a second, before the window is seen.
    program = f"import app.composition, inference.host, sys; print(*{HEAVY!r} & set(sys.modules))"
    assert said(program) == []


def test_kinds_of_widgets_that_the_window_has_not_are_not_made(tmp_path: Path) -> None:
    # PySide makes them all when it is asked for a widget that it does not know; see `own_viewport`.
    answer = said(SHOW, CONCLAVE_DATA_DIR=str(tmp_path), QT_QPA_PLATFORM="offscreen")
    assert answer == ["True", "False"]


def test_help_of_the_terminal_reads_no_models() -> None:
    program = (
        "import sys; from app.commands import run_command; run_command(['--help']);"
        "print('loaded', *{'PIL', 'gguf', 'numpy', 'pypdf'} & set(sys.modules))"
    )
    words = said(program)
    assert words[words.index("loaded") :] == ["loaded"]
