"""A real window that asks questions and measures its own event loop; answers as JSON on stdout."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app import paths
from app.child import child_command
from app.composition import Program, make_application
from app.domain.conversations import Message, Status
from app.services.models import ModelPhase, ModelState
from app.store import Store
from inference.host import EngineHost

BEAT_MS = 4
ANSWER_S = 6.0
QUESTION = "Explain sorting algorithms with headings, a list and Python code for each."


class Measurement(QObject):
    """Asks, beats while the answer streams, and notes the longest gap between two beats."""

    def __init__(self, program: Program, repetitions: int) -> None:
        super().__init__()
        self._program = program
        self._left = repetitions + 1
        self._is_warm_up = True
        self.results: dict[str, list[float]] = {
            "gap_ms": [],
            "work_ms": [],
            "share_percent": [],
            "tokens_per_second": [],
        }
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)
        program.models.state_changed.connect(self._on_state_changed)
        program.chat.message_added.connect(self._on_message_added)
        program.chat.message_changed.connect(self._on_message_changed)

    def _on_state_changed(self, state: ModelState) -> None:
        if state.phase is ModelPhase.READY and not self._timer.isActive():
            self._ask()

    def _ask(self) -> None:
        window = self._program.window
        window.page.show_conversation(None)
        window.page.composer.edit.setPlainText(QUESTION)
        window.page.composer.button.click()

    def _on_message_added(self, _message: Message) -> None:
        self._gap_ms = self._work_ms = 0.0
        self._began = self._beat = time.perf_counter()
        self._began_cpu = self._beat_cpu = time.thread_time()
        self._timer.start()

    def _on_beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        if now - self._began > ANSWER_S and self._program.window.page.conversation_id is not None:
            self._program.chat.stop(self._program.window.page.conversation_id)
        self._gap_ms = max(self._gap_ms, (now - self._beat) * 1000)
        self._work_ms = max(self._work_ms, (cpu - self._beat_cpu) * 1000)
        self._beat, self._beat_cpu = now, cpu

    def _on_message_changed(self, message: Message) -> None:
        if message.status is Status.STREAMING:
            return
        self._timer.stop()
        self._left -= 1
        elapsed = time.perf_counter() - self._began
        cpu = time.thread_time() - self._began_cpu
        stats = message.stats
        if self._is_warm_up:
            self._is_warm_up = False
        else:
            assert stats is not None
            self.results["gap_ms"].append(self._gap_ms)
            self.results["work_ms"].append(self._work_ms)
            self.results["share_percent"].append(cpu / elapsed * 100)
            self.results["tokens_per_second"].append(stats.tokens_per_second)
        if self._left:
            QTimer.singleShot(100, self, self._ask)
        else:
            self._program.window.close()


def main(model: Path, repetitions: int) -> int:
    """Measure `repetitions` answers."""
    application: QApplication = make_application([])
    paths.models_dir().mkdir(parents=True, exist_ok=True)
    (paths.models_dir() / model.name).symlink_to(model)
    program = Program(Store(paths.database_path()), EngineHost(child_command("engine")))
    measurement = Measurement(program, repetitions)
    program.start()
    try:
        application.exec()
    finally:
        program.close()
    print(json.dumps(measurement.results))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
