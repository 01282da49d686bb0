"""A window that answers by a script, for a test that listens to it from outside.

A line on stdin asks a question; the end of stdin closes the window.
"""

from __future__ import annotations

import sys
import threading

from PySide6.QtCore import QObject, Signal

from app import paths
from app.composition import Program, make_application
from app.services.models import ModelPhase, ModelState
from app.store import Store
from inference.engine import TextDelta
from tests.fakes.engine import FakeEngine, finished


class Lines(QObject):
    """What comes on stdin."""

    came = Signal(str)
    ended = Signal()

    def listen(self) -> None:
        for line in sys.stdin:
            self.came.emit(line.strip())
        self.ended.emit()


class Script(QObject):
    """Asks what it is told, and says when the model is there."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._program = program

    def on_line(self, line: str) -> None:
        composer = self._program.window.page.composer
        composer.edit.setPlainText(line)
        composer.button.click()

    def on_state(self, state: ModelState) -> None:
        if state.phase is ModelPhase.READY:
            sys.stdout.write("ready\n")
            sys.stdout.flush()


def main() -> None:
    application = make_application([])
    paths.models_dir().mkdir(parents=True)
    (paths.models_dir() / "Small-Q4.gguf").write_bytes(b"GGUF")
    engine = FakeEngine()
    engine.answers(TextDelta("Hello **you**. This "), TextDelta("is whole."), finished())
    program = Program(Store(paths.database_path()), engine)
    script, lines = Script(program), Lines()
    lines.came.connect(script.on_line)
    lines.ended.connect(program.end)
    program.models.state_changed.connect(script.on_state)
    program.start()
    threading.Thread(target=lines.listen, daemon=True).start()
    application.exec()
    program.close()


if __name__ == "__main__":
    main()
