"""The window as a process of its own, on no screen, with the real engine."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

COMMAND = [sys.executable, "-m", "app"]


def wait_until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)


def log_text(data_dir: Path) -> str:
    log = data_dir / "logs" / "conclave.log"
    return log.read_text(encoding="utf-8") if log.exists() else ""


def is_open(data_dir: Path) -> bool:
    database = data_dir / "conclave.db"
    if not database.exists():
        return False
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    return ("messages",) in tables


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_with_its_engine_when_asked_to(
    data_dir: Path, starter_model: Path, number: signal.Signals
) -> None:
    models = data_dir / "models"
    models.mkdir(parents=True)
    shutil.copy(starter_model, models)
    environment = os.environ | {"CONCLAVE_DATA_DIR": str(data_dir), "QT_QPA_PLATFORM": "offscreen"}
    window = subprocess.Popen(COMMAND, env=environment)
    try:
        wait_until(lambda: is_open(data_dir) and bool(psutil.Process(window.pid).children()))
        children = psutil.Process(window.pid).children(recursive=True)
        second = subprocess.run(COMMAND, env=environment, timeout=60, check=False)
        assert second.returncode == 0
        window.send_signal(number)
        assert window.wait(timeout=20) == 0
        _gone, alive = psutil.wait_procs(children, timeout=10)
        assert not alive
    finally:
        window.kill()
    assert "ERROR" not in log_text(data_dir)
    assert "CRITICAL" not in log_text(data_dir)
