"""Finds the files of `resources/` in a source tree, an installed wheel and a PyInstaller folder."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def root() -> Path:
    """The resources folder.

    Raises:
        FileNotFoundError: The installation is incomplete.
    """
    here = Path(__file__).resolve().parent
    bundle = getattr(sys, "_MEIPASS", None)
    candidates = [Path(bundle) / "resources"] if bundle else []
    candidates += [here / "_resources", here.parent / "resources"]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"resources folder missing; looked at {[str(c) for c in candidates]}")


def path(relative: str) -> Path:
    """The file of that name under the resources folder."""
    return root() / relative
