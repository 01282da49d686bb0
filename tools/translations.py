"""Brings the translations up to date with the texts in `app/`: Qt's lupdate, then its lrelease.

`python -m tools.translations`, with the Python of the virtual environment, where Qt's tools are.
The .ts files are what translators edit; the .qm files are what Qt reads. Both are kept, so that
the program needs no tool to run from source and a wheel needs none to be built.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.places import ROOT

FOLDER = ROOT / "resources" / "translations"


def update() -> int:
    """Take up new texts, drop those that are gone, and compile; 1 where some are untranslated."""
    missing = 0
    for file in files():
        collect(file)
        compile_(file, file.with_suffix(".qm"))
        count = unfinished(file)
        print(f"{file.relative_to(ROOT)}: texts without a translation: {count}")
        missing += count
    return 1 if missing else 0


def files() -> list[Path]:
    """The .ts files, one for each language."""
    return sorted(FOLDER.glob("*.ts"))


def collect(file: Path) -> None:
    """Bring a .ts file up to date; what is new in it is marked as unfinished."""
    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "app").rglob("*.py"))
    # Line numbers would change the file with every change of the code.
    _run("pyside6-lupdate", *sources, "-ts", str(file), "-no-obsolete", "-locations", "none")


def compile_(file: Path, target: Path) -> None:
    """Make the .qm file of a .ts file."""
    _run("pyside6-lrelease", str(file), "-qm", str(target))


def unfinished(file: Path) -> int:
    """How many texts of a .ts file are not translated."""
    return file.read_text(encoding="utf-8").count('type="unfinished"')


def _run(program: str, *arguments: str) -> None:
    command = [str(Path(sys.executable).parent / program), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{program} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(update())
