"""How the conversation on a page is answered: read, changed, and kept for one that begins.

What is set before the first message of a new conversation is held here and stored with it; all else
is stored at once, so that it holds from the next answer on.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from app.domain.steering import Steering
from app.services.futures import FutureRelay
from app.services.models import ModelService
from app.services.notices import notice_of
from app.store import Store


class Steered(Struct, frozen=True):
    """What is set for a conversation; None is the one that begins with the next message."""

    conversation_id: int | None
    steering: Steering


class SteeringService(QObject):
    """Follows one page.

    Args:
        store: Where the page's conversations are.
        models: Says which model a conversation begins with.
        parent: Owns it.
    """

    changed = Signal(object)
    """Steered: another conversation is on the page, or something was set."""
    failed = Signal(object)
    """Notice"""

    def __init__(self, store: Store, models: ModelService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._models = models
        self._relay = FutureRelay(self)
        self._conversation_id: int | None = None
        self._steering: Steering | None = Steering()
        self._draft = Steering()

    @property
    def steering(self) -> Steering | None:
        """What is set for the conversation on the page; None until it is read."""
        return self._steering

    def show(self, conversation_id: int | None) -> None:
        """Another conversation is on the page; None: an empty page."""
        self._conversation_id = conversation_id
        if conversation_id is None:
            self._show(self._draft)
        else:
            self._steering = None
            self.read_again()

    def read_again(self) -> None:
        """Something else, such as the header's menu, has set something."""
        conversation_id = self._conversation_id
        if conversation_id is not None:
            self._relay.watch(
                self._store.submit(lambda repository: repository.steering.get(conversation_id)),
                partial(self._on_read, conversation_id),
                self._on_error,
            )

    def change(self, **values: Any) -> None:
        """Set fields of `Steering`; they hold from the next answer on."""
        if self._steering is None:
            return
        steering = replace(self._steering, **values)
        if steering == self._steering:
            return
        self._keep(steering)
        self._show(steering)

    def beginning(self) -> Steering:
        """What a conversation that begins now is stored with: its model stays its own."""
        return replace(self._draft, model=self._draft.model or self._models.chosen_path)

    def begun(self, conversation_id: int, stored: Steering) -> None:
        """The empty page has become a conversation, which was stored with this."""
        draft, self._draft = self._draft, Steering()
        self._conversation_id = conversation_id
        steering = replace(draft, model=draft.model or stored.model)
        if steering != stored:
            self._keep(steering)
        self._show(steering)

    def choose_model(self, path: Path) -> None:
        """A person chose this model for the whole window; the conversation takes it too."""
        # A conversation that has not begun takes whichever is chosen when it does.
        self.change(model=path if self._conversation_id is not None else None)

    def _keep(self, steering: Steering) -> None:
        conversation_id = self._conversation_id
        if conversation_id is None:
            self._draft = steering
            return
        self._relay.watch(
            self._store.submit(
                lambda repository: repository.steering.set(conversation_id, steering)
            ),
            self._on_kept,
            self._on_error,
        )

    def _show(self, steering: Steering) -> None:
        self._steering = steering
        self.changed.emit(Steered(self._conversation_id, steering))

    def _on_read(self, conversation_id: int, steering: Steering) -> None:
        if conversation_id == self._conversation_id and steering != self._steering:
            self._show(steering)

    def _on_kept(self, _done: None) -> None:
        """Nothing to tell."""

    def _on_error(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))
