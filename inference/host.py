"""The parent's end of the engine: starts the child, hands it requests, brings back events.

If the child dies, the running request raises `EngineDied` with the last words of its log, and the
next request starts a new child. A child in which nothing moves any more is ended as well.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from inference import wire
from inference.endings import death, hung, last_words
from inference.engine import EngineOptions, Event, Finished, Request
from inference.errors import EngineDied, EngineError, EngineHung, EngineStartFailed

if TYPE_CHECKING:
    from inference.engine_process import EngineProcess

log = logging.getLogger(__name__)

START_TIMEOUT_S = 60.0
CANCEL_GRACE_S = 10.0
"""A child that has not ended a cancelled request by then is ended itself."""
CLOSE_TIMEOUT_S = 2.0
HANG_TIMEOUT_S = 300.0
"""Long enough for a driver that compiles its kernels, which nothing can be heard of; whoever does
not want to wait stops the request, and that ends a stuck child in `CANCEL_GRACE_S`."""
_POLL_S = 0.25


class EngineHost:
    """Runs requests in a child process; implements `inference.engine.Engine` for any thread.

    Args:
        command: The argument list that starts the child.
        log_path: Where the child's stderr is kept.
        options: What holds for all requests.
        hang_timeout_s: A child that neither says nor does anything for so long is ended.

    Attributes:
        on_unloaded: Called, on any thread, when the child has given an idle model back.
    """

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path | None = None,
        options: EngineOptions | None = None,
        hang_timeout_s: float = HANG_TIMEOUT_S,
    ) -> None:
        self.on_unloaded: Callable[[], None] | None = None
        self.hang_timeout_s = hang_timeout_s
        self._command = tuple(command)
        self._log_path = log_path
        self._options = options or EngineOptions()
        self._child: EngineProcess | None = None
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._open_ids: dict[str, bool] = {}  # request id -> cancelled
        self._running_id = ""
        self._closed = False

    @property
    def process_id(self) -> int | None:
        """The child's, None while there is none."""
        child = self._child
        return child.process.pid if child is not None else None

    def run(self, request: Request) -> Iterator[Event]:
        """Carry out a request; see `Engine.run`.

        Raises:
            EngineDied: The child ended before the request did.
            EngineStartFailed: It could not be started.
        """
        with self._state:
            self._open_ids[request.id] = False
        return self._run(request)

    def cancel(self, request_id: str) -> None:
        """End a request soon; see `Engine.cancel`."""
        with self._state:
            if request_id not in self._open_ids:
                return
            self._open_ids[request_id] = True
            child = self._child if self._running_id == request_id else None
        if child is not None:
            child.send({"op": "cancel", "id": request_id})

    def configure(self, options: EngineOptions) -> None:
        """Let these options hold from the next request on."""
        with self._state:
            self._options = options
            child = self._child
        if child is not None:
            child.send(wire.options_line(options))

    def close(self) -> None:
        """End the child; a request that runs raises `EngineDied`."""
        with self._state:
            self._closed = True
            child, self._child = self._child, None
        if child is not None:
            child.end(timeout_s=CLOSE_TIMEOUT_S)

    def _run(self, request: Request) -> Iterator[Event]:
        try:
            with self._turn:
                yield from self._take_turn(request)
        finally:
            with self._state:
                self._open_ids.pop(request.id, None)

    def _take_turn(self, request: Request) -> Iterator[Event]:
        if self._open_ids[request.id]:
            yield Finished.before_start()
            return
        with self._state:
            self._running_id = request.id
            used_before = self._child
        child = self._ensure_child(request.model.gives_way)
        heard = False
        try:
            for event in self._ask(child, request):
                heard = True
                yield event
        except EngineDied as error:
            if heard or child is not used_before or isinstance(error, EngineHung):
                raise
            # It had died unseen since the request before; a new one knows nothing of that.
            yield from self._ask(self._ensure_child(request.model.gives_way), request)
        finally:
            with self._state:
                self._running_id = ""

    def _ask(self, child: EngineProcess, request: Request) -> Iterator[Event]:
        """Send the request and bring back its events; a consumer that goes away cancels it."""
        child.send(wire.request_line(request))
        if self._open_ids[request.id]:  # cancelled while the child started
            child.send({"op": "cancel", "id": request.id})
        try:
            yield from self._events(child, request.id)
        except GeneratorExit:
            self.cancel(request.id)
            with suppress(EngineError):  # nobody asks any more how it ended
                deque(self._events(child, request.id), maxlen=0)
            raise

    def _events(self, child: EngineProcess, request_id: str) -> Iterator[Event]:
        """The request's events up to its end."""
        deadline: float | None = None
        # Not by the clock: a computer that slept, or a parent that was stopped, hung nothing.
        silent_s = 0.0
        while True:
            if deadline is None and self._open_ids[request_id]:
                deadline = time.monotonic() + CANCEL_GRACE_S
            try:
                line = child.lines.get(timeout=_POLL_S)
                silent_s = 0.0
            except queue.Empty:
                silent_s += _POLL_S
                if deadline is not None and time.monotonic() > deadline:
                    log.warning("the engine did not end a cancelled request; ending the engine")
                    self._drop(child)
                    yield Finished.before_start()
                    return
                if silent_s >= self.hang_timeout_s:
                    self._drop(child)
                    raise hung(silent_s, list(child.last_lines)) from None
                continue
            if line is None:
                raise self._died(child)
            if line.get("id") != request_id:
                continue
            if line["event"] == "end":
                return
            yield wire.read_event(line)

    def _tell_unloaded(self) -> None:
        if self.on_unloaded is not None:
            self.on_unloaded()

    def _ensure_child(self, gives_way: bool) -> EngineProcess:
        """The child; a new one where there is none, or none whose threads wait as they should."""
        with self._state:
            if self._closed:
                raise EngineDied("The engine is closed", "", "Start Conclave again.")
            child = self._child
        is_alive = child is not None and child.process.poll() is None
        if child is not None and is_alive and child.gives_way == gives_way:
            return child
        if child is not None:
            self._drop(child, CLOSE_TIMEOUT_S)
        return self._start(gives_way)

    def _start(self, gives_way: bool) -> EngineProcess:
        from inference.engine_process import EngineProcess  # not before it is needed

        try:
            child = EngineProcess(
                self._command, self._log_path, self._tell_unloaded, gives_way=gives_way
            )
        except OSError as error:
            raise EngineStartFailed(
                "The engine could not be started",
                f"{self._command[0]}: {error.strerror or error}",
                "Install Conclave again.",
            ) from error
        self._greet(child)
        with self._state:
            if not self._closed:
                child.send(wire.options_line(self._options))
                self._child = child
                return child
        child.end(timeout_s=CLOSE_TIMEOUT_S)
        raise EngineDied("The engine is closed", "", "Start Conclave again.")

    def _greet(self, child: EngineProcess) -> None:
        """Wait for the child's first line."""
        try:
            hello = child.lines.get(timeout=START_TIMEOUT_S)
        except queue.Empty:
            hello = {}
        if hello is not None and hello.get("protocol") == wire.PROTOCOL:
            return
        if hello is None:
            reason = "it ended at once"
        elif hello:
            reason = f"it speaks protocol {hello.get('protocol')} instead of {wire.PROTOCOL}"
        else:
            reason = f"it did not answer within {START_TIMEOUT_S:.0f} s"
        child.end(timeout_s=0.5)
        raise EngineStartFailed(
            "The engine did not start",
            f"{reason}. {last_words(list(child.last_lines))}",
            "Install Conclave again.",
        )

    def _died(self, child: EngineProcess) -> EngineDied:
        self._drop(child)
        return death(child.process.returncode, list(child.last_lines))

    def _drop(self, child: EngineProcess, timeout_s: float = 0.5) -> None:
        with self._state:
            if self._child is child:
                self._child = None
        child.end(timeout_s=timeout_s)
