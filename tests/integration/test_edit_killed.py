"""The window's process is killed in the middle of an edit; the next one goes on with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.store import Store
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine

ROOT = Path(__file__).parents[2]
WITHIN_MS = 60_000


def kill_while_editing(qtbot: QtBot, store: Store, data_dir: Path, *words: str) -> None:
    """Start a window that edits its question, and kill it when the database has the words."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.editing_window", *words],
        cwd=ROOT,
        env={**os.environ, "CONCLAVE_DATA_DIR": str(data_dir)},
    )

    def stored() -> list[str]:
        assert process.poll() is None, "the window ended by itself"
        edits = store.submit(lambda repository: repository.edits.all()).result()
        return [edit.text for edit in edits.values()]

    try:
        qtbot.waitUntil(lambda: stored() == ["".join(words)], timeout=WITHIN_MS)
    finally:
        process.kill()
        process.wait()


def test_an_edit_goes_on_after_a_kill(qtbot: QtBot, data_dir: Path) -> None:
    paths.models_dir().mkdir(parents=True)
    (paths.models_dir() / "Small-Q4.gguf").write_bytes(b"GGUF")
    store = Store(paths.database_path())
    kill_while_editing(qtbot, store, data_dir, "Why?", " And how?")

    program = Program(store, FakeEngine())
    program.start()
    try:
        driver = Driver(qtbot, program)
        qtbot.waitUntil(lambda: driver.titles == ["Why?"])
        driver.open(1)
        qtbot.waitUntil(lambda: driver.composer.text == "Why? And how?")
        assert driver.texts == ["Why?", "Hello."]
        driver.escape()
        assert driver.composer.text == ""
    finally:
        program.end()
        program.close()
        program.window.deleteLater()
