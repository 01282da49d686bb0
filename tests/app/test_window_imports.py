from __future__ import annotations

import subprocess
import sys

HEAVY = {"click", "gguf", "httpx", "numpy", "pydantic", "pypdf", "rich", "typer"}


def test_the_window_starts_without_what_only_other_processes_use() -> None:
    # Each of them takes a tenth of a second or more, which is spent before the window is seen.
    program = f"import app.composition, sys; print(*sorted({HEAVY!r} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert found.stdout.split() == []
