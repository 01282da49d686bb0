"""A hidden window whose answer ends, for a test that plays the desktop.

It prints "told" when it has asked for a notice, and "seen" when a click on that has brought it
back.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from app import paths
from app.composition import Program, make_application
from app.services.models import ModelPhase
from app.services.notices import Notice
from app.store import Store
from app.views import attention
from inference.engine import TextDelta
from tests.fakes.engine import FakeEngine, finished

WAIT_S = 30.0


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "the window did not come to the state that was waited for"
        QApplication.processEvents()
        time.sleep(0.005)


def say(_notice: Notice) -> None:
    sys.stdout.write("told\n")
    sys.stdout.flush()


def main() -> None:
    make_application([])
    paths.models_dir().mkdir(parents=True)
    (paths.models_dir() / "Small-Q4.gguf").write_bytes(b"GGUF")
    attention.LONG_ANSWER_S = 0.0
    engine = FakeEngine()
    engine.answers(TextDelta("At <last>."), finished())
    program = Program(Store(paths.database_path()), engine)
    window = program.window
    window.attention.notified.connect(say)
    program.start()
    wait(lambda: program.models.state.phase is ModelPhase.READY)
    window.page.composer.set_text("Slowly?")
    window.page.composer.button.click()
    window.hide()
    wait(window.isVisible)
    sys.stdout.write("seen\n")
    program.end()
    program.close()


if __name__ == "__main__":
    main()
