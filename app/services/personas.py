"""The library of system prompts that conversations can take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from app.domain.steering import Persona
from app.services.futures import FutureRelay
from app.services.notices import notice_of
from app.services.titles import clean_title
from app.store import Repository, Store


class PersonaService(QObject):
    """Works on the library; every change is followed by `listed`."""

    listed = Signal(object)
    """tuple[Persona, ...]"""
    failed = Signal(object)
    """Notice"""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)
        self._personas: tuple[Persona, ...] = ()

    @property
    def personas(self) -> tuple[Persona, ...]:
        """The library as it was read last."""
        return self._personas

    def reload(self) -> None:
        """Read the library again."""
        self._run(lambda _repository: None)

    def add(self, name: str, prompt: str) -> None:
        """Put a new one at the end; one without a name or a prompt is not kept."""
        name, prompt = clean_title(name), prompt.strip()
        if name and prompt:
            self._run(lambda repository: repository.personas.add(name, prompt))

    def change(self, persona: Persona) -> None:
        """Give one another name and prompt; an empty name or prompt changes nothing."""
        cleaned = Persona(persona.id, clean_title(persona.name), persona.prompt.strip())
        if cleaned.name and cleaned.prompt:
            self._run(lambda repository: repository.personas.change(cleaned))

    def delete(self, persona_id: int) -> None:
        """Remove one; conversations that took its words keep them."""
        self._run(lambda repository: repository.personas.delete(persona_id))

    def arrange(self, ids: Sequence[int]) -> None:
        """Put them in this order."""
        self._run(lambda repository: repository.personas.arrange(ids))

    def _run(self, work: Callable[[Repository], object]) -> None:
        def work_and_list(repository: Repository) -> list[Persona]:
            work(repository)
            return repository.personas.all()

        self._relay.watch(self._store.submit(work_and_list), self._on_listed, self._on_error)

    def _on_listed(self, personas: list[Persona]) -> None:
        self._personas = tuple(personas)
        self.listed.emit(self._personas)

    def _on_error(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))
