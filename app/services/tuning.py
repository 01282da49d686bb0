"""Tuning in the window: searches the fastest settings of the chosen model and keeps them.

Each measurement is a request like any other, so a message that is sent meanwhile is answered
between two of them.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtCore import QObject, Signal

from app.services.chat_events import ModelChoice
from app.services.engine_runner import Chunk, EngineEvent, EngineRunner, RequestFailed
from app.services.futures import FutureRelay, run_in_thread
from app.services.models import ModelService
from app.services.notices import Notice, notice_of
from app.services.tuned_models import remember_tuned
from app.store import Store
from inference.engine import BenchPoint, Finished
from inference.errors import ModelError
from inference.tune import Tuned, TuneResult

if TYPE_CHECKING:
    from inference.machine import Machine
    from inference.tune_run import TuneRun

log = logging.getLogger(__name__)


class TuningState(Struct, frozen=True):
    """What is being tried, and how much of the search lies behind, from 0 to 1."""

    words: str
    fraction: float


class TuningService(QObject):
    """Runs one search at a time."""

    state_changed = Signal(object)
    """TuningState; None: no search runs."""
    finished = Signal(object)
    """Notice: the result in words."""
    failed = Signal(object)
    """Notice"""

    def __init__(
        self,
        store: Store,
        runner: EngineRunner,
        models: ModelService,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._runner = runner
        self._models = models
        self._relay = FutureRelay(self)
        self._choice: ModelChoice | None = None
        self._run: TuneRun | None = None
        self._request_id = ""
        runner.event_arrived.connect(self._on_event_arrived)
        runner.request_failed.connect(self._on_request_failed)

    @property
    def is_running(self) -> bool:
        """Whether a search runs."""
        return self._choice is not None

    def start(self) -> None:
        """Tune the chosen model."""
        from inference.machine import this_machine

        choice = self._models.shown()
        if choice is None or self.is_running:
            return
        self._choice = choice
        self.state_changed.emit(TuningState("looking at this computer", 0.0))
        self._relay.watch(
            run_in_thread(this_machine, "machine"),
            partial(self._on_machine_known, choice),
            partial(self._on_failed, choice),
        )

    def stop(self) -> None:
        """End the search; nothing is kept of it."""
        if self.is_running:
            self._end()

    def _on_machine_known(self, choice: ModelChoice, machine: Machine) -> None:
        from inference.tune_run import TuneRun

        if self._choice is not choice:
            return
        loaded = self._models.state.loaded
        self._run = TuneRun(choice.params, Tuned.of(choice.params), machine, loaded)
        self._go_on(self._run)

    def _go_on(self, run: TuneRun) -> None:
        request = run.next_request()
        if request is not None and run.ask is not None:
            self.state_changed.emit(TuningState(run.ask.words, run.ask.fraction))
            self._request_id = request.id
            self._runner.start(request)
        elif run.result is not None:
            self._keep(run.result)

    def _on_event_arrived(self, arrived: EngineEvent) -> None:
        run = self._run
        if run is None or arrived.request_id != self._request_id:
            return
        match arrived.event:
            case Chunk():
                return
            case BenchPoint() as point:
                run.heard(point)
                self._go_on(run)
            case Finished():
                self._end()
            case event:
                run.heard(event)

    def _on_request_failed(self, failed: RequestFailed) -> None:
        run, choice = self._run, self._choice
        if run is None or choice is None or failed.request_id != self._request_id:
            return
        try:
            if not isinstance(failed.error, ModelError):
                raise failed.error
            run.refused(failed.error)
        except Exception as error:
            self._on_failed(choice, error)
        else:
            self._go_on(run)

    def _keep(self, result: TuneResult) -> None:
        choice = self._choice
        assert choice is not None  # it is of this search
        path, tuned, store = choice.params.path, result.tuned, self._store
        self._relay.watch(
            run_in_thread(lambda: remember_tuned(store, path, tuned), "tuned"),
            lambda _done: self._on_kept(choice, result),
            partial(self._on_failed, choice),
        )

    def _on_kept(self, choice: ModelChoice, result: TuneResult) -> None:
        if self._choice is choice:
            self._end()
            self.finished.emit(Notice(f"{choice.name} is tuned", f"{result.words}."))

    def _on_failed(self, choice: ModelChoice, error: BaseException) -> None:
        if self._choice is choice:
            log.warning("tuning: %s", error)
            self._end()
            self.failed.emit(notice_of(error))

    def _end(self) -> None:
        """No search runs any more; the model is loaded as it is to be used."""
        if self._run is not None:
            self._run.close()
        self._runner.cancel(self._request_id)
        choice, self._choice = self._choice, None
        self._run, self._request_id = None, ""
        self.state_changed.emit(None)
        if choice is not None and choice.params.path == self._models.state.path:
            self._models.load_again()
