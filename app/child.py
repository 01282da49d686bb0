"""How this program starts itself again in another role."""

from __future__ import annotations

import sys

CHILD_OPTION = "--child="


def child_command(role: str) -> list[str]:
    """The argument list of a child process; the packaged program is its own executable."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app"]
    return [*program, f"{CHILD_OPTION}{role}"]
