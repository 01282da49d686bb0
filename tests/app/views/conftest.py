"""The whole window with the real store and an engine that plays scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import paths
from app.composition import Program
from app.domain import settings
from app.services.models import ModelPhase
from app.store import Store
from tests.app.views.driver import Driver
from tests.fakes.engine import FakeEngine


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def model_file(data_dir: Path) -> Path:
    """A file that looks like a model to everyone but an engine."""
    paths.models_dir().mkdir(parents=True)
    path = paths.models_dir() / "Small-Q4.gguf"
    path.write_bytes(b"GGUF")
    return path


@pytest.fixture
def start(qtbot: QtBot, engine: FakeEngine) -> Iterator[list[Program]]:
    """Programs put in here are closed after the test, and no window may be left on the screen.

    One that is left gets the mouse of the tests behind it.
    """
    programs: list[Program] = []
    yield programs
    for program in programs:
        end(program)
    left = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    for widget in left:
        widget.hide()
    assert not left, f"still on the screen: {left}"


def end(program: Program) -> None:
    """End a program and destroy its window, which would hear of new colours and languages."""
    program.end()
    program.close()
    program.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def driver(qtbot: QtBot, engine: FakeEngine, model_file: Path, start: list[Program]) -> Driver:
    """A window with a loaded model and no conversations, of someone who knows the program."""
    store = Store(paths.database_path(), timeout_s=0.2)
    store.submit(lambda repository: repository.set_setting(settings.INTRODUCED, True))
    program = Program(store, engine)
    start.append(program)
    program.start()
    qtbot.waitUntil(lambda: program.models.state.phase is ModelPhase.READY)
    qtbot.waitExposed(program.window)
    return Driver(qtbot, program)
