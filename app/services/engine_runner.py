"""The one thread of the window's process that talks to the engine.

Requests run in the order they were started. What the engine says reaches the GUI thread in parcels
at most every `INTERVAL_MS`, with the text between two parcels joined: what a token costs the window
does not depend on how fast tokens come. What is done with the events is the services' business.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from inference.engine import (
    BenchPoint,
    BenchRequest,
    Counted,
    Engine,
    Event,
    Finished,
    Loaded,
    LoadRequest,
    Request,
    TextDelta,
    ThinkingDelta,
)
from inference.errors import EngineError

log = logging.getLogger(__name__)

INTERVAL_MS = 80
"""Text is seen to flow; each parcel takes a moment of a core on which the engine computes."""
_CANCEL_AGAIN_MS = 250


class Chunk(Struct, frozen=True):
    """Text and thinking that came since the chunk before."""

    text: str
    thinking: str


class EngineEvent(Struct, frozen=True):
    """Something that a request said.

    The last one is `Loaded`, `Finished`, `Counted` or a `BenchPoint`.
    """

    request_id: str
    event: Event | Chunk
    path: Path
    """The request's model."""


class RequestFailed(Struct, frozen=True):
    """A request ended with an error; nothing more comes from it."""

    request_id: str
    error: EngineError
    path: Path


class _Unloaded(Struct, frozen=True):
    """The engine gave an idle model back."""


_Parcel = EngineEvent | RequestFailed | _Unloaded


class EngineRunner(QObject):
    """Runs requests one after the other and tells on the GUI thread what happens."""

    event_arrived = Signal(object)
    request_failed = Signal(object)
    unloaded = Signal()
    """The engine gave an idle model back; the next request loads it again."""
    _woken = Signal()

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._parcels: list[_Parcel] = []
        self._wake_pending = False
        self._cancelled: set[str] = set()
        self._running: dict[str, Request] = {}
        self._closed = False
        self._drained_at = 0.0
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)
        self._drain_timer = QTimer(self, singleShot=True)
        self._drain_timer.timeout.connect(self.drain)
        self._cancel_timer = QTimer(self, interval=_CANCEL_AGAIN_MS)
        self._cancel_timer.timeout.connect(self._on_cancel_again)
        self._thread = threading.Thread(target=self._work, name="engine-runner", daemon=True)
        self._thread.start()

    @property
    def is_idle(self) -> bool:
        """Whether no request runs or waits."""
        return not self._running

    def start(self, request: Request) -> None:
        """Run the request after those that were started before it."""
        self._running[request.id] = request
        self._requests.put(request)

    def cancel(self, request_id: str) -> None:
        """Ask a request to end soon; its last event still comes."""
        if request_id not in self._running:
            return
        with self._lock:
            self._cancelled.add(request_id)
        self._engine.cancel(request_id)
        self._cancel_timer.start()

    def close(self) -> None:
        """End the thread with its present request; nothing is emitted any more."""
        self._closed = True
        self._drain_timer.stop()
        self._cancel_timer.stop()
        self._requests.put(None)
        for request_id in tuple(self._running):
            self._engine.cancel(request_id)

    def drain(self) -> None:
        """Emit all that has come so far, now."""
        with self._lock:
            parcels, self._parcels = self._parcels, []
            self._wake_pending = False
        self._drained_at = time.monotonic()
        for parcel in parcels:
            self._deliver(parcel)

    def tell_unloaded(self) -> None:
        """Emit `unloaded`, in its order with the events; any thread."""
        self._post(_Unloaded())

    def _deliver(self, parcel: _Parcel) -> None:
        if isinstance(parcel, _Unloaded):
            self.unloaded.emit()
            return
        if isinstance(parcel, RequestFailed):
            self._forget(parcel.request_id)
            self.request_failed.emit(parcel)
            return
        if self._is_last(parcel):
            self._forget(parcel.request_id)
        self.event_arrived.emit(parcel)

    def _is_last(self, parcel: EngineEvent) -> bool:
        request = self._running.get(parcel.request_id)
        match parcel.event:
            case Loaded():
                return isinstance(request, LoadRequest)
            case BenchPoint(depth):
                return isinstance(request, BenchRequest) and depth == request.depths[-1]
        return isinstance(parcel.event, Finished | Counted)

    def _forget(self, request_id: str) -> None:
        self._running.pop(request_id, None)
        with self._lock:
            self._cancelled.discard(request_id)
        if not self._cancelled:
            self._cancel_timer.stop()

    def _on_woken(self) -> None:
        if self._closed or self._drain_timer.isActive():
            return
        since_ms = (time.monotonic() - self._drained_at) * 1000
        if since_ms >= INTERVAL_MS:
            self.drain()
        else:
            self._drain_timer.start(int(INTERVAL_MS - since_ms) + 1)

    def _on_cancel_again(self) -> None:
        # The first call may have come in the moment before the engine knew the request.
        for request_id in tuple(self._cancelled):
            self._engine.cancel(request_id)

    def _work(self) -> None:
        while (request := self._requests.get()) is not None:
            if not self._closed:
                self._carry_out(request)

    def _carry_out(self, request: Request) -> None:
        with self._lock:
            cancelled = request.id in self._cancelled
        if cancelled:
            self._post(EngineEvent(request.id, Finished.before_start(), request.model.path))
            return
        try:
            for event in self._engine.run(request):
                self._post(EngineEvent(request.id, _as_chunk(event), request.model.path))
                if self._closed:
                    return
        except EngineError as error:
            self._post(RequestFailed(request.id, error, request.model.path))
        except Exception as error:
            if self._closed:
                return
            log.exception("request %s ended in an unexpected error", request.id)
            self._post(RequestFailed(request.id, _unexpected(error), request.model.path))

    def _post(self, parcel: _Parcel) -> None:
        with self._lock:
            if self._closed:
                return
            joined = _joined(self._parcels[-1], parcel) if self._parcels else None
            if joined is not None:
                self._parcels[-1] = joined
            else:
                self._parcels.append(parcel)
            wake, self._wake_pending = not self._wake_pending, True
        if wake:
            self._woken.emit()


def _as_chunk(event: Event) -> Event | Chunk:
    match event:
        case TextDelta(text):
            return Chunk(text, "")
        case ThinkingDelta(thinking):
            return Chunk("", thinking)
    return event


def _joined(last: _Parcel, new: _Parcel) -> EngineEvent | None:
    """Both as one chunk, where they are chunks of the same request."""
    match last, new:
        case EngineEvent(first_id, Chunk() as a, path), EngineEvent(second_id, Chunk() as b):
            if first_id == second_id:
                chunk = Chunk(a.text + b.text, a.thinking + b.thinking)
                return EngineEvent(first_id, chunk, path)
    return None


def _unexpected(error: Exception) -> EngineError:
    return EngineError(
        "The engine failed in an unexpected way",
        f"{type(error).__name__}: {error}",
        "Try again. The log file has the details.",
    )
