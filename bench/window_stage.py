"""A real window with a scripted engine that plays one scene; figures as JSON on stdout.

`python -m bench.window_stage SCENE REPETITIONS`, with a filled data folder (`bench.window_data`).
Processor time is that of the GUI thread, unless said otherwise: a busy machine changes it little.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from app import paths
from app.composition import Program, make_application
from app.garbage import GuiGarbageCollector
from app.services.models import ModelPhase
from app.store import Store
from app.views.transcript import TranscriptView
from bench.engines import unshared_bytes
from bench.scripted_engine import ScriptedEngine
from bench.window_data import (
    LONG_TITLE,
    N_LONG,
    N_SHORT,
    N_TOKENS,
    SHORT_TITLE,
    code_tokens,
    text_tokens,
)

BEAT_MS = 5
EDGE_TOKENS = 500
N_SCROLLED = 2000
WHEEL_CLICKS = 3
KEY_EVERY_MS = 40
N_KEYS = 100
TIMEOUT_S = 120.0
Results = dict[str, list[float]]


class Beat(QObject):
    """A timer that notes the thread's processor time between two of its beats, in ms."""

    def __init__(self, engine: ScriptedEngine) -> None:
        super().__init__()
        self.works_ms: list[float] = []
        self.progress: list[tuple[int, float]] = []
        """Tokens said, and the thread's processor time by then in seconds."""
        self._engine = engine
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)

    def start(self) -> None:
        """Begin anew."""
        self._cpu_s = time.thread_time()
        self.works_ms, self.progress = [], [(0, self._cpu_s)]
        self._timer.start()

    def stop(self) -> None:
        """Beat no more."""
        self._on_beat()
        self._timer.stop()

    def _on_beat(self) -> None:
        cpu_s = time.thread_time()
        self.works_ms.append((cpu_s - self._cpu_s) * 1000)
        self.progress.append((self._engine.n_said, cpu_s))
        self._cpu_s = cpu_s

    def cost_ms(self, first: int, last: int) -> float:
        """Processor time for each of these tokens."""
        at = {edge: next(p for p in self.progress if p[0] >= edge) for edge in (first, last)}
        n_tokens = at[last][0] - at[first][0]
        return (at[last][1] - at[first][1]) * 1000 / n_tokens


class Stage:
    """The window and what is done with it."""

    def __init__(self, program: Program, engine: ScriptedEngine) -> None:
        self.window = program.window
        self.transcript: TranscriptView = program.window.page.transcript
        self.engine = engine
        self.beat = Beat(engine)
        self._program = program

    def wait(self, condition: Callable[[], bool], poll_ms: int = BEAT_MS) -> None:
        """Let the window live until the condition holds.

        Raises:
            TimeoutError: It does not.
        """
        loop = QEventLoop()
        timer = QTimer(interval=poll_ms)
        timer.timeout.connect(lambda: loop.quit() if condition() else None)
        deadline = QTimer(interval=int(TIMEOUT_S * 1000), singleShot=True)
        deadline.timeout.connect(loop.quit)
        deadline.start()
        timer.start()
        loop.exec()
        if not deadline.isActive():
            raise TimeoutError("the window did not come to the state that was waited for")

    def rest(self, seconds: float = 0.3) -> None:
        """Let the window do what it has put off."""
        until = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > until)

    def close_conversation(self) -> None:
        """Go to the empty page."""
        self.window.new_conversation()
        self.rest()

    def open(self, title: str, n_messages: int) -> tuple[float, float]:
        """Open a conversation; ms by the clock and of the process, until it is painted."""
        model = self.window.conversation_list
        rows = (model.index(row) for row in range(model.rowCount()))
        found = next(index for index in rows if index.data() == title)
        began, began_cpu = time.perf_counter(), time.process_time()
        self.window.sidebar.list.setCurrentIndex(found)
        while self.window.page.messages.rowCount() < n_messages:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self.transcript.viewport().repaint()
        ended, ended_cpu = time.perf_counter(), time.process_time()
        return (ended - began) * 1000, (ended_cpu - began_cpu) * 1000

    def ask(self) -> None:
        """Ask in a new conversation and wait until the answer comes."""
        self.close_conversation()
        composer = self.window.page.composer
        composer.edit.setPlainText("What does a mixture of experts do?")
        composer.button.click()
        self.wait(lambda: self.window.page.messages.rowCount() == 2)

    def wait_answered(self) -> None:
        """Wait for the answer's end."""
        conversation_id = self.window.page.conversation_id
        assert conversation_id is not None
        self.wait(lambda: not self._program.chat.is_busy(conversation_id))


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of all lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def play_open(stage: Stage, repetitions: int) -> Results:
    """Open two conversations again and again."""
    results: Results = {"short": [], "short_cpu": [], "long": [], "long_cpu": []}
    for round_ in range(repetitions + 1):
        for key, title, n in (("short", SHORT_TITLE, N_SHORT), ("long", LONG_TITLE, N_LONG)):
            stage.close_conversation()
            clock_ms, cpu_ms = stage.open(title, n)
            if round_:
                results[key].append(clock_ms)
                results[f"{key}_cpu"].append(cpu_ms)
    return results


def play_memory(stage: Stage, _repetitions: int) -> Results:
    """What a long conversation adds, once in a process: memory is seldom given back."""
    process = psutil.Process()
    stage.open(SHORT_TITLE, N_SHORT)
    stage.rest(1.5)
    short = unshared_bytes(process)
    stage.open(LONG_TITLE, N_LONG)
    stage.rest(1.5)
    opened = unshared_bytes(process)
    _scroll(stage)
    stage.rest(1.5)
    scrolled = unshared_bytes(process)
    return {"opened_mb": [(opened - short) / 1e6], "scrolled_mb": [(scrolled - short) / 1e6]}


def play_scroll(stage: Stage, repetitions: int) -> Results:
    """Wheel through many messages that nobody has seen yet."""
    results: Results = {"p99": [], "longest": []}
    for _ in range(repetitions):
        stage.close_conversation()
        stage.open(LONG_TITLE, N_LONG)
        stage.rest()
        works = _scroll(stage)
        results["p99"].append(percentile(works, 0.99))
        results["longest"].append(max(works))
    return results


def _scroll(stage: Stage) -> list[float]:
    """Upwards from the end, a flick of the wheel each frame; ms of each frame."""
    view, viewport = stage.transcript, stage.transcript.viewport()
    centre = QPointF(viewport.rect().center())
    works = []
    last = N_LONG - N_SCROLLED
    while view.sight.first_row() > last:
        began = time.thread_time()
        event = QWheelEvent(
            centre,
            QPointF(viewport.mapToGlobal(centre.toPoint())),
            QPoint(),
            QPoint(0, 120 * WHEEL_CLICKS),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(viewport, event)
        QApplication.processEvents()
        works.append((time.thread_time() - began) * 1000)
    return works


def play_stream(stage: Stage, repetitions: int) -> Results:
    """An answer of usual text and one of a single code block, alternated."""
    results: Results = {
        key: []
        for key in ("token", "growth", "p99", "longest", "code_longest", "code_token", "code_ratio")
    }
    text, code = text_tokens(), code_tokens()
    for _ in range(repetitions):
        beat = _streamed(stage, text)
        token_ms = beat.cost_ms(0, N_TOKENS)
        edges = beat.cost_ms(0, EDGE_TOKENS), beat.cost_ms(N_TOKENS - EDGE_TOKENS, N_TOKENS)
        results["token"].append(token_ms)
        results["growth"].append(edges[1] / edges[0])
        results["p99"].append(percentile(beat.works_ms, 0.99))
        results["longest"].append(max(beat.works_ms))
        beat = _streamed(stage, code)
        code_ms = beat.cost_ms(0, len(code))
        results["code_longest"].append(max(beat.works_ms))
        results["code_token"].append(code_ms)
        results["code_ratio"].append(code_ms / token_ms)
    return results


def _streamed(stage: Stage, tokens: list[str]) -> Beat:
    stage.engine.tokens = tokens
    stage.ask()
    stage.beat.start()
    stage.wait_answered()
    stage.rest(0.1)
    stage.beat.stop()
    return stage.beat


class Typist(QObject):
    """Presses keys while an answer streams; how much work stands between a key and its letter."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.works_ms: list[float] = []
        self._edit = stage.window.page.composer.edit
        self._pressed: float | None = None
        self._edit.viewport().installEventFilter(self)
        self._timer = QTimer(self, interval=KEY_EVERY_MS)
        self._timer.timeout.connect(self._on_due)
        self._timer.start()

    @property
    def is_done(self) -> bool:
        """Whether enough keys have been pressed."""
        return len(self.works_ms) >= N_KEYS

    def stop(self) -> None:
        """Press no more."""
        self._timer.stop()
        self._edit.viewport().removeEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """See the field being painted; what follows the painting comes after it."""
        if event.type() is QEvent.Type.Paint and self._pressed is not None:
            QTimer.singleShot(0, self, self._on_painted)
        return False

    def _on_due(self) -> None:
        if self._pressed is None:
            self._pressed = time.thread_time()
            letter = "e" if len(self.works_ms) % 6 else " "
            key = Qt.Key.Key_E if letter == "e" else Qt.Key.Key_Space
            press = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, letter)
            QApplication.postEvent(self._edit, press)

    def _on_painted(self) -> None:
        if self._pressed is not None:
            self.works_ms.append((time.thread_time() - self._pressed) * 1000)
            self._pressed = None


def play_typing(stage: Stage, repetitions: int) -> Results:
    """Type into the composer while an answer streams."""
    works = []
    stage.engine.tokens = text_tokens()
    for _ in range(repetitions):
        stage.ask()
        typist = Typist(stage)
        stage.wait(lambda typist=typist: typist.is_done)  # type: ignore[misc]
        typist.stop()
        stage.engine.cancel("")
        stage.wait_answered()
        works.append(percentile(typist.works_ms, 0.99))
    return {"p99": works}


SCENES: dict[str, Callable[[Stage, int], Results]] = {
    "open": play_open,
    "memory": play_memory,
    "scroll": play_scroll,
    "stream": play_stream,
    "typing": play_typing,
}


def main(scene: str, repetitions: int) -> int:
    """Play a scene."""
    make_application([])
    _put_model(paths.models_dir())
    engine = ScriptedEngine()
    program = Program(Store(paths.database_path()), engine)
    garbage = GuiGarbageCollector()
    stage = Stage(program, engine)
    program.start()
    try:
        stage.wait(lambda: program.models.state.phase is ModelPhase.READY)
        stage.wait(lambda: program.window.conversation_list.rowCount() > 0)
        print(json.dumps(SCENES[scene](stage, repetitions)))
        program.window.close()
    finally:
        program.close()
        garbage.close()
    return 0


def _put_model(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Scripted.gguf").write_bytes(b"GGUF")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
