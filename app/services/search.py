"""Search through all conversations while somebody types, and the index it needs."""

from __future__ import annotations

import logging
import time
from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.search import Found, Hit, Query
from app.services.futures import FutureRelay
from app.services.notices import notice_of
from app.services.quiet import Quiet
from app.store import Store

log = logging.getLogger(__name__)

PIECE_BYTES = 128 << 10
"""Text that is indexed at once: the store is busy with it for some hundredths of a second."""
_SHARE = 3
"""Between two pieces the store is left alone this many times as long as the last one took."""


class SearchService(QObject):
    """Finds titles and messages; a newer query takes the place of one that still waits."""

    found = Signal(object)
    """Found"""
    led = Signal(object)
    """Hit: its message is on the branch that its conversation shows."""
    failed = Signal(object)
    """Notice"""

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._relay = FutureRelay(self)
        self._latest: Future[Found] | None = None

    def search(self, text: str) -> None:
        """Look for this; `found` follows, unless something else is looked for before."""
        if self._latest is not None:
            self._latest.cancel()
        query = Query.parse(text)
        future = self._store.submit(lambda repository: repository.search.find(query))
        self._latest = future
        self._relay.watch(future, partial(self._on_found, future), self._on_failed)

    def lead_to(self, hit: Hit) -> None:
        """Let the message of a hit be on the branch that is shown; `led` follows."""
        message_id = hit.message_id
        if message_id is None:
            raise ValueError("a title is on no branch")
        future = self._store.submit(lambda repository: repository.show_branch_of(message_id))
        self._relay.watch(future, partial(self._on_led, hit), self._on_failed)

    def _on_led(self, hit: Hit, _done: None) -> None:
        self.led.emit(hit)

    def _on_found(self, future: Future[Found], found: Found) -> None:
        if future is self._latest:
            self.found.emit(found)

    def _on_failed(self, error: BaseException) -> None:
        self.failed.emit(notice_of(error))


class SearchIndexing(QObject):
    """Brings the messages of an older database into the index, while no answer is on its way.

    Where it fails, it goes on at the next start; what is indexed already can be searched.
    """

    def __init__(self, store: Store, quiet: Quiet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._quiet = quiet
        self._relay = FutureRelay(self)
        self._began = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)
        self._waiting = False
        quiet.began.connect(self._on_quiet)

    def start(self) -> None:
        """The database is open: see whether something is missing."""
        future = self._store.submit(lambda repository: repository.search.built())
        self._relay.watch(future, self._on_built, self._on_failed)

    def _go_on(self) -> None:
        if not self._quiet:
            self._waiting = True
            return
        self._began = time.monotonic()
        future = self._store.submit(lambda repository: repository.search.build_some(PIECE_BYTES))
        self._relay.watch(future, self._on_built, self._on_failed)

    def _on_quiet(self) -> None:
        if self._waiting:
            self._waiting = False
            self._go_on()

    def _on_built(self, built: float) -> None:
        if built < 1.0:
            took_s = time.monotonic() - self._began if self._began else 0.0
            self._timer.start(int(took_s * 1000 * _SHARE) + 1)

    def _on_failed(self, error: BaseException) -> None:
        log.warning("the search index is not complete: %s", error)
