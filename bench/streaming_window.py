"""A real window that asks questions and measures its own event loop; answers as JSON on stdout.

After each answer in the window the same engine gives one of the same length to nobody: what the
window costs the engine is the ratio of the two.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app import paths
from app.child import child_command
from app.composition import Program, make_application
from app.domain.conversations import Message, ReplyStats, Status
from app.services.models import ModelPhase, ModelState
from app.store import Store
from inference.engine import ChatMessage, Finished, GenerateRequest, Sampling
from inference.host import EngineHost

BEAT_MS = 4
ANSWER_S = 4.0
TRIES = 6
QUESTION = "Explain sorting algorithms with headings, a list and Python code for each."


class Measurement(QObject):
    """Asks in turns: one answer is watched by a beat, the next is compared with one shown nowhere.

    The beat is a load of its own, so the two are not measured together.
    """

    _answered_unseen = Signal()

    def __init__(self, program: Program, engine: EngineHost, repetitions: int) -> None:
        super().__init__()
        self._program = program
        self._engine = engine
        self._rounds = iter(range(2 + 2 * repetitions))
        self._round = -1
        self.results: dict[str, list[float]] = {
            "gap_ms": [],
            "work_ms": [],
            "share_percent": [],
            "tokens_per_second": [],
            "ratio": [],
        }
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)
        self._end = QTimer(self, interval=int(ANSWER_S * 1000), singleShot=True)
        self._end.timeout.connect(self._on_end_due)
        program.models.state_changed.connect(self._on_state_changed)
        program.chat.message_added.connect(self._on_message_added)
        program.chat.message_changed.connect(self._on_message_changed)
        self._answered_unseen.connect(self._ask)

    @property
    def _is_watched(self) -> bool:
        return self._round % 2 == 0

    @property
    def _counts(self) -> bool:
        """The first round of each kind warms up."""
        return self._round > 1

    def _on_state_changed(self, state: ModelState) -> None:
        if state.phase is ModelPhase.READY and self._round < 0:
            self._ask()

    def _ask(self) -> None:
        window = self._program.window
        following = next(self._rounds, None)
        if following is None:
            window.close()
            return
        self._round = following
        window.page.show_conversation(None)
        window.page.composer.edit.setPlainText(QUESTION)
        window.page.composer.button.click()

    def _on_message_added(self, _message: Message) -> None:
        self._gap_ms = self._work_ms = 0.0
        self._began = self._beat = time.perf_counter()
        self._began_cpu = self._beat_cpu = time.thread_time()
        self._end.start()
        if self._is_watched:
            self._timer.start()

    def _on_beat(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self._gap_ms = max(self._gap_ms, (now - self._beat) * 1000)
        self._work_ms = max(self._work_ms, (cpu - self._beat_cpu) * 1000)
        self._beat, self._beat_cpu = now, cpu

    def _on_end_due(self) -> None:
        conversation_id = self._program.window.page.conversation_id
        assert conversation_id is not None
        self._program.chat.stop(conversation_id)

    def _on_message_changed(self, message: Message) -> None:
        if message.status is Status.STREAMING:
            return
        self._timer.stop()
        self._end.stop()
        assert message.stats is not None
        if not self._is_watched:
            threading.Thread(target=self._answer_unseen, args=(message.stats,), daemon=True).start()
            return
        if self._counts:
            elapsed = time.perf_counter() - self._began
            cpu = time.thread_time() - self._began_cpu
            self.results["gap_ms"].append(self._gap_ms)
            self.results["work_ms"].append(self._work_ms)
            self.results["share_percent"].append(cpu / elapsed * 100)
        QTimer.singleShot(100, self, self._ask)

    def _answer_unseen(self, shown: ReplyStats) -> None:
        """Deeper tokens are slower, so an answer that ends much earlier does not count."""
        for _ in range(TRIES):
            finished = self._unseen(shown.tokens_out)
            if finished.tokens_out >= 0.9 * shown.tokens_out:
                break
        if self._counts:
            unseen = finished.tokens_out / finished.decode_ms * 1000
            self.results["tokens_per_second"].append(shown.tokens_per_second)
            self.results["ratio"].append(shown.tokens_per_second / unseen)
        self._answered_unseen.emit()

    def _unseen(self, n_tokens: int) -> Finished:
        choice = self._program.models.current()
        assert choice is not None
        question = (ChatMessage("user", QUESTION),)
        limit = Sampling(max_tokens=n_tokens)
        for event in self._engine.run(GenerateRequest(uuid4().hex, choice.params, question, limit)):
            if isinstance(event, Finished):
                return event
        raise RuntimeError("the engine did not finish")


def main(model: Path, repetitions: int) -> int:
    """Measure `repetitions` answers."""
    application: QApplication = make_application([])
    paths.models_dir().mkdir(parents=True, exist_ok=True)
    (paths.models_dir() / model.name).symlink_to(model)
    engine = EngineHost(child_command("engine"))
    program = Program(Store(paths.database_path()), engine)
    measurement = Measurement(program, engine, repetitions)
    program.start()
    try:
        application.exec()
    finally:
        program.close()
    print(json.dumps(measurement.results))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
