"""A real window, on no screen, that asks, edits its question by itself, and waits for its end.

Run as a script: `editing_window.py QUESTION MORE`. What is written behind the question's words is
not sent.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject

from app import paths
from app.composition import Program, make_application
from app.domain.conversations import Message, Status
from app.services.models import ModelPhase, ModelState
from app.store import Store
from tests.fakes.engine import FakeEngine


class Editor(QObject):
    """Edits the question as soon as it is answered."""

    def __init__(self, program: Program, question: str, more: str) -> None:
        super().__init__()
        self._page = program.window.page
        self._question, self._more = question, more
        program.models.state_changed.connect(self._on_state_changed)
        program.chat.message_changed.connect(self._on_message_changed)

    def _on_state_changed(self, state: ModelState) -> None:
        if state.phase is ModelPhase.READY and self._page.conversation_id is None:
            self._page.composer.edit.setPlainText(self._question)
            self._page.composer.button.click()

    def _on_message_changed(self, message: Message) -> None:
        if message.status is Status.COMPLETE and self._page.editing.message is None:
            self._page.edit_message(self._page.messages.message_at(0))
            self._page.composer.edit.insertPlainText(self._more)


def main(question: str, more: str) -> int:
    application = make_application([])
    program = Program(Store(paths.database_path()), FakeEngine())
    editor = Editor(program, question, more)
    program.start()
    try:
        return application.exec()
    finally:
        program.close()
        del editor


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
