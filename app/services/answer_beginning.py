"""How an answer begins: its row is made in the store, and the model that gives it is found."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from app.services.chat_events import ModelChoice
from app.services.futures import FutureRelay
from app.services.model_files import model_name
from app.services.stored_turns import begin_answer, resume_answer
from app.services.turns import Begun, Turn
from app.store import Store


class Ready(Struct, frozen=True):
    """The engine can be asked."""

    turn: Turn
    begun: Begun
    model: ModelChoice


class NotBegun(Struct, frozen=True):
    """There is nothing to ask; `has_row` where the model is what was missing."""

    turn: Turn
    error: BaseException
    has_row: bool


class AnswerBeginning(QObject):
    """Takes turns from the line to the engine's door.

    Args:
        store: Keeps the rows.
        model: The model of conversations that have none of their own.
        model_at: How the model of a file is run.
        parent: Owns it.
    """

    begun = Signal(object)
    """Begun: the row is there."""
    ready = Signal(object)
    """Ready"""
    failed = Signal(object)
    """NotBegun"""

    def __init__(
        self,
        store: Store,
        model: Callable[[], ModelChoice | None],
        model_at: Callable[[Path], Future[ModelChoice]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._model = model
        self._model_at = model_at
        self._relay = FutureRelay(self)
        self._closed = False

    def start(self, turn: Turn) -> None:
        """Begin; `ready` or `failed` follows."""
        model = self._model()
        fixed = turn.model_path
        default = model.name if model is not None else ""
        name = model_name(fixed) if fixed is not None else default
        turn.begun = self._store.submit(
            lambda repository: (
                resume_answer(repository, turn.conversation_id, name)
                if turn.continuing
                else begin_answer(
                    repository,
                    turn.conversation_id,
                    name,
                    turn.question_id,
                    is_fixed=fixed is not None,
                )
            )
        )
        self._relay.watch(
            turn.begun,
            partial(self._on_begun, turn, model),
            partial(self._on_failed, turn, False),
        )

    def close(self) -> None:
        """Tell nothing more; a row that is being made is still noted in its turn."""
        self._closed = True

    def _on_begun(self, turn: Turn, model: ModelChoice | None, begun: Begun) -> None:
        turn.begin(begun)
        if self._closed:
            return
        self.begun.emit(begun)
        path = turn.model_path or begun.steering.model
        if model is not None and path in (None, model.params.path):
            self._on_model_known(turn, begun, model)
            return
        assert path is not None  # without any model the answer was not begun
        self._relay.watch(
            self._model_at(path),
            partial(self._on_model_known, turn, begun),
            partial(self._on_failed, turn, True),
        )

    def _on_model_known(self, turn: Turn, begun: Begun, model: ModelChoice) -> None:
        self.ready.emit(Ready(turn, begun, model))

    def _on_failed(self, turn: Turn, has_row: bool, error: BaseException) -> None:
        self.failed.emit(NotBegun(turn, error, has_row))
