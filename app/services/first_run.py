"""Whether the introduction is to be shown, and what it says of the models that there are."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.domain import settings
from app.services.futures import FutureRelay, run_in_thread
from app.services.model_files import ModelFile
from app.services.model_fit import fit_of
from app.store import Repository, Store

log = logging.getLogger(__name__)


class FirstRunService(QObject):
    """Shows the introduction once, to someone who has no conversations yet."""

    wanted = Signal()
    """It was never shown here."""
    fits_known = Signal(object)
    """dict[Path, Fit]: of the models that were asked for."""

    def __init__(self, store: Store, data_folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.data_folder = data_folder
        self._store = store
        self._relay = FutureRelay(self)

    def start(self) -> None:
        """Find out whether it is to be shown; `wanted` follows where it is."""
        self._relay.watch(self._store.submit(_is_wanted), self._on_read, self._on_error)

    def finish(self) -> None:
        """It was read to its end or skipped, and is not shown by itself again."""
        future = self._store.submit(
            lambda repository: repository.set_setting(settings.INTRODUCED, True)
        )
        self._relay.watch(future, self._on_remembered, self._on_error)

    def judge(self, models: Sequence[ModelFile]) -> None:
        """Find out which of these fit this computer; `fits_known` follows."""
        paths: tuple[Path, ...] = tuple(model.path for model in models)
        future = run_in_thread(lambda: {path: fit_of(path) for path in paths}, "model-fit")
        self._relay.watch(future, self.fits_known.emit, self._on_error)

    def _on_read(self, is_wanted: bool) -> None:
        if is_wanted:
            self.wanted.emit()

    def _on_remembered(self, _done: None) -> None:
        """Nothing to tell."""

    def _on_error(self, error: BaseException) -> None:
        # Nothing is lost but an introduction.
        log.info("introduction: %s", error)


def _is_wanted(repository: Repository) -> bool:
    known = repository.setting(settings.INTRODUCED) is True
    return not known and not repository.conversations()
