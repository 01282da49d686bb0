"""What was chosen lately in the command palette, remembered over restarts."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject

from app.domain import settings
from app.services.futures import FutureRelay
from app.store import JsonValue, Store

log = logging.getLogger(__name__)

MAX_RECENT = 50


class Recents(QObject):
    """The keys of what was chosen, the latest first."""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)
        self._keys: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The latest first."""
        return self._keys

    def start(self) -> None:
        """Read what was remembered."""
        future = self._store.submit(lambda repository: repository.setting(settings.PALETTE_RECENT))
        self._relay.watch(future, self._on_read, self._on_error)

    def add(self, key: str) -> None:
        """This was chosen now."""
        others = tuple(other for other in self._keys if other != key)
        self._keys = (key, *others)[:MAX_RECENT]
        value: JsonValue = list(self._keys)
        future = self._store.submit(
            lambda repository: repository.set_setting(settings.PALETTE_RECENT, value)
        )
        self._relay.watch(future, _nothing, self._on_error)

    def _on_read(self, value: JsonValue) -> None:
        if isinstance(value, list):
            stored = tuple(key for key in value if isinstance(key, str))
            # What was chosen before the answer came is newer.
            newer = self._keys
            self._keys = (*newer, *(key for key in stored if key not in newer))[:MAX_RECENT]

    def _on_error(self, error: BaseException) -> None:
        # Of no consequence to the person who chose something.
        log.warning("what was chosen lately cannot be remembered: %s", error)


def _nothing(_done: None) -> None:
    """It is remembered."""
