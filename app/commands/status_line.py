"""One line that says what goes on, for a person who waits at a terminal."""

from __future__ import annotations

import sys


def show_status(words: str) -> None:
    """Show this in place of what was shown before; nothing takes it away."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{words}")
        sys.stderr.flush()
