from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from app.single_instance import Place, SingleInstance, server_name

# Claims the folder, says so, and waits to be ended.
CLAIM = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.single_instance import SingleInstance
application = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
print(instance.claim(float(sys.argv[2])).name, flush=True)
if sys.argv[3] == "stay":
    time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def command(folder: Path, patience_s: float, then: str) -> list[str]:
    return [sys.executable, "-c", CLAIM, str(folder), str(patience_s), then]


def test_second_start_brings_the_first_forward(qtbot: QtBot, folder: Path) -> None:
    first = SingleInstance(folder)
    assert first.claim() is Place.FIRST
    program, *arguments = command(folder, 5, "go")
    second = QProcess()
    with qtbot.waitSignal(first.asked_forward, timeout=20_000):
        second.start(program, arguments)
    qtbot.waitUntil(lambda: second.state() == QProcess.ProcessState.NotRunning, timeout=20_000)
    assert second.readAllStandardOutput().data().decode().strip() == "SECOND"
    first.release()


def test_killed_first_blocks_nobody(qtbot: QtBot, folder: Path) -> None:
    with subprocess.Popen(command(folder, 1, "stay"), stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline().strip() == "FIRST"
        first.kill()
        first.wait()
    assert (folder / "window.lock").exists()
    second = SingleInstance(folder)
    assert second.claim() is Place.FIRST
    # The socket of the killed process is replaced as well.
    third = QProcess()
    program, *arguments = command(folder, 5, "go")
    with qtbot.waitSignal(second.asked_forward, timeout=20_000):
        third.start(program, arguments)
    qtbot.waitUntil(lambda: third.state() == QProcess.ProcessState.NotRunning, timeout=20_000)
    second.release()


def test_first_that_hangs_is_reported(qtbot: QtBot, folder: Path) -> None:
    # It sleeps, so it has a lock and a socket but never answers.
    with subprocess.Popen(command(folder, 1, "stay"), stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline().strip() == "FIRST"
        place = SingleInstance(folder).claim(patience_s=0.2)
        first.kill()
    assert place is Place.UNANSWERED


def test_released_folder_is_free(qtbot: QtBot, folder: Path) -> None:
    first = SingleInstance(folder)
    assert first.claim() is Place.FIRST
    first.release()
    second = SingleInstance(folder)
    assert second.claim(0.1) is Place.FIRST
    second.release()


def test_each_folder_has_its_own_name(tmp_path: Path) -> None:
    assert server_name(tmp_path / "a") != server_name(tmp_path / "b")
    assert server_name(tmp_path / "a") == server_name(tmp_path / "x" / ".." / "a")
