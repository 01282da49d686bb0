"""A real window, on no screen, that asks by itself and tells on stdout what it shows and when.

Run as a script: `telling_window.py QUESTION real|fake`. Each line is one JSON list: "sent", the
seconds of the monotonic clock, the id of the message and its text; or "shown" with the id of the
answer and more of its text.
"""

from __future__ import annotations

import json
import sys
import time

from PySide6.QtCore import QObject

from app import paths
from app.child import child_command
from app.composition import Program, make_application
from app.services.chat_events import ReplyChunk
from app.services.models import ModelPhase, ModelState
from app.services.stored_turns import Question
from app.store import Store
from inference.engine import Engine, TextDelta
from inference.host import EngineHost
from tests.fakes.engine import FakeEngine, Wait

FAKE_WORDS = 2000
FAKE_INTERVAL_S = 0.008


class Teller(QObject):
    """Sends one question as soon as there is a model, and tells what the window shows then."""

    def __init__(self, program: Program, question: str) -> None:
        super().__init__()
        self._page = program.window.page
        self._question = question
        # Connected behind the window's own: what is told here is in the transcript already.
        program.chat.question_stored.connect(self._on_question_stored)
        program.chat.reply_grew.connect(self._on_reply_grew)
        program.models.state_changed.connect(self._on_state_changed)

    def _on_state_changed(self, state: ModelState) -> None:
        if state.phase is ModelPhase.READY and self._page.conversation_id is None:
            self._page.composer.edit.setPlainText(self._question)
            self._page.composer.button.click()

    def _on_question_stored(self, question: Question) -> None:
        _tell("sent", question.message.id, question.message.content)

    def _on_reply_grew(self, chunk: ReplyChunk) -> None:
        _tell("shown", chunk.message_id, chunk.text)


def _tell(kind: str, message_id: int, text: str) -> None:
    sys.stdout.write(json.dumps([kind, time.monotonic(), message_id, text]) + "\n")
    sys.stdout.flush()


def _fake_engine() -> FakeEngine:
    engine = FakeEngine()
    words = [(TextDelta(f"word {number}, "), Wait(FAKE_INTERVAL_S)) for number in range(FAKE_WORDS)]
    engine.answers(*(step for pair in words for step in pair))
    return engine


def main(question: str, kind: str) -> int:
    application = make_application([])
    engine: Engine = _fake_engine() if kind == "fake" else EngineHost(child_command("engine"))
    program = Program(Store(paths.database_path()), engine)
    teller = Teller(program, question)
    program.start()
    try:
        return application.exec()
    finally:
        program.close()
        del teller


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
