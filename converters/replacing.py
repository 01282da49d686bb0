"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from converters.errors import OutputFailed


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A temporary path beside `target`, which takes its name when the block has ended well.

    Raises:
        OutputFailed: It cannot be written; nothing is left of it.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        try:
            yield temporary
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputFailed(
            "The result cannot be written",
            f"{target}: {error.strerror or error}",
            "Name a file in a folder that can be written to and has room.",
        ) from error
