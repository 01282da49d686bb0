"""Files that appear under their name only when they are whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from converters.errors import OutputExists, OutputFailed


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
            move_into_place([(temporary, target)])
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputFailed(
            "The result cannot be written",
            f"{target}: {error.strerror or error}",
            "Name a file in a folder that can be written to and has room.",
        ) from error


def move_into_place(files: Iterable[tuple[Path, Path]]) -> None:
    """Give finished files their names, in this order; the disk has their content first.

    Args:
        files: Where each is and what it shall be called, all in one folder in the end.
    """
    for path, final in files:
        _synchronize(path)
        path.replace(final)
        _synchronize_folder(final.parent)


def check_absent(paths: Sequence[Path], force: bool) -> None:
    """Make sure that no file is in the way.

    Raises:
        OutputExists: One is, and it shall not be replaced.
        OutputFailed: A folder is in the way.
    """
    for path in paths:
        if path.is_dir():
            raise OutputFailed(
                "The model could not be written", f"{path} is a folder.", "Choose another name."
            )
    found = [path.name for path in paths if path.exists()]
    if found and not force:
        raise OutputExists(
            "There is a file of this name already",
            f"{', '.join(found[:3])} in {paths[0].parent}.",
            "Choose another name, or replace it with --force.",
        )


def _synchronize(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _synchronize_folder(folder: Path) -> None:
    """Make the new names survive a loss of power; not all systems can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
