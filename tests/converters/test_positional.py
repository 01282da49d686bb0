"""Bytes at their place in a file, whether or not the page cache keeps them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from converters import positional
from converters.writing.from_disk import FromDisk

SIZE = 3_000_001
DATA = np.random.default_rng(1).integers(0, 256, SIZE, np.uint8)
PLACES = [(0, SIZE), (0, 1), (4095, 2), (4096, 4096), (70_016, 1_000_032), (SIZE - 5, 5)]


@pytest.fixture(params=["uncached", "cached"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file that was written in pieces which share pages."""
    path = tmp_path / "file"
    with path.open("w+b") as file:
        file.truncate(SIZE)
        descriptor = file.fileno()
        flags = positional.uncached_flag(descriptor) if request.param == "uncached" else 0
        for start in range(0, SIZE, 100_001):
            piece = DATA[start : start + 100_001]
            positional.write_at(descriptor, piece.data, start, flags)
    return path


def test_what_was_written_is_in_the_file(path: Path) -> None:
    assert path.read_bytes() == DATA.tobytes()


@pytest.mark.parametrize("is_refused", [False, True])
def test_what_was_written_is_on_the_disk(
    path: Path, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_refused:  # as some file systems refuse it
        real = os.open

        def without_direct(name: Path, flags: int) -> int:
            if flags & getattr(os, "O_DIRECT", 0):
                raise OSError(errno.EINVAL, "Invalid argument")
            return real(name, flags)

        monkeypatch.setattr(os, "open", without_direct)
    disk = FromDisk(path)

    for offset, n_bytes in PLACES:
        assert np.array_equal(disk.read(offset, n_bytes), DATA[offset : offset + n_bytes])
    assert np.array_equal(disk.read(SIZE - 10, 100), DATA[-10:])
    assert disk.read(SIZE, 10).size == 0
    disk.close()


@pytest.mark.parametrize("release", ["6.14.0-generic", "5.15.1", "strange"])
def test_older_kernels_are_not_asked(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "", release, "", "")))
    with (tmp_path / "file").open("w+b") as file:
        assert positional.uncached_flag(file.fileno()) == 0


def test_a_file_system_that_lacks_it_is_written_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: object) -> int:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "preadv", refused)
    with (tmp_path / "file").open("w+b") as file:
        assert positional.uncached_flag(file.fileno()) == 0
