"""Processes that are killed, disks that are full, files that may not grow: all of it real."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.converters.tiny_checkpoints import write_checkpoint
from tests.converters.writing.full_disk import FAMILY
from tests.converters.writing.killed import N_KILLS

IN_A_NAMESPACE = ("unshare", "--map-root-user", "--mount")
LIMITED = (
    "import resource, sys; limit = int(sys.argv.pop(1));"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit));"
    "from app.main import main; sys.exit(main())"
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses what POSIX offers")


def _told(*command: str | Path) -> Any:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_killed_at_twenty_random_moments(tmp_path: Path) -> None:
    checkpoint, target = write_checkpoint(tmp_path, FAMILY), tmp_path / "out" / "x.gguf"
    target.parent.mkdir()
    told = _told(sys.executable, "-m", "tests.converters.writing.killed", checkpoint, target)
    assert len(told["kills"]) == N_KILLS
    for _moment, code, is_whole in told["kills"]:
        # What earlier forks finished is taken over, so a late moment may not come any more.
        assert code in (-signal.SIGKILL, 0)
        assert is_whole in (None, True)
        assert is_whole or code == -signal.SIGKILL
    assert sum(code == -signal.SIGKILL for _, code, _ in told["kills"]) >= N_KILLS // 2
    assert told["whole"]
    assert told["left"] == ["x.gguf"]


def _can_mount() -> bool:
    if shutil.which(IN_A_NAMESPACE[0]) is None:
        return False
    trial = [*IN_A_NAMESPACE, "mount", "-t", "tmpfs", "t", "/tmp"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _can_mount(), reason="may not mount a file system of its own")
@pytest.mark.parametrize("case", ["before", "reserved", "unreserved"])
def test_a_disk_that_is_full(tmp_path: Path, case: str) -> None:
    checkpoint, folder = write_checkpoint(tmp_path, FAMILY), tmp_path / "disk"
    folder.mkdir()
    module = ("-m", "tests.converters.writing.full_disk")
    first, second = _told(*IN_A_NAMESPACE, sys.executable, *module, checkpoint, folder, case)
    if case == "before":
        assert first["title"] == "There is not enough room for the model"
        assert first["left"] == ["filler"]
    elif case == "reserved":  # its room was taken before the work, so nobody else could have it
        assert first["is_whole"]
        assert first["left"] == ["filler", "x.gguf"]
    else:
        assert first["error"] == "OutputFailed"
        assert "No space left" in first["detail"]
        assert "kept and used next time" in first["hint"]
        assert first["left"] == ["filler", "x.gguf.partial"]
        assert "taken over from an earlier attempt" in " ".join(second["notes"])
    assert second["is_whole"]
    assert second["left"] == ["x.gguf"]


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    checkpoint, target = write_checkpoint(tmp_path, FAMILY), tmp_path / "out" / "x.gguf"
    target.parent.mkdir()
    order = {"op": "convert", "options": {"source": str(checkpoint), "output": str(target)}}
    child = subprocess.Popen(
        [sys.executable, "-c", LIMITED, "1000000", "--child=convert"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(order) + "\n")
        child.stdin.flush()
        last = json.loads(child.stdout.readlines()[-1])
    assert (last["event"], last["kind"]) == ("error", "OutputFailed")
    assert "File too large" in last["detail"]
    assert list(target.parent.iterdir()) == []
