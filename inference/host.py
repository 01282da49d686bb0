"""The parent's end of the engine: starts the child, hands it requests, brings back events.

If the child dies, the running request raises `EngineDied` with the last words of its log, and the
next request starts a new child.
"""

from __future__ import annotations

import json
import logging
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from inference import wire
from inference.engine import EngineOptions, Event, Finished, Request
from inference.errors import EngineDied, EngineStartFailed, WorkerLost

log = logging.getLogger(__name__)

START_TIMEOUT_S = 60.0
CANCEL_GRACE_S = 10.0
"""A child that has not ended a cancelled request by then is ended itself."""
CLOSE_TIMEOUT_S = 2.0
SAVE_TIMEOUT_S = 25.0
"""A child that has been left may still save for so long."""
SAVING_UNSEEN_S = 0.5
LOG_LINES = 200
LAST_WORDS = 6
WORKER_LOST = "Remote RPC server crashed"
"""What ggml says before it ends the process. Source: ggml/src/ggml-rpc/ggml-rpc.cpp, 0.25.3."""


class _Child:
    """One engine process with its two reader threads."""

    def __init__(self, command: Sequence[str], log_path: Path | None) -> None:
        self.last_lines: deque[str] = deque(maxlen=LOG_LINES)
        self.lines: queue.SimpleQueue[wire.Line | None] = queue.SimpleQueue()
        self._write_lock = threading.Lock()
        no_window = 0x08000000 if sys.platform == "win32" else 0  # CREATE_NO_WINDOW
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=no_window,
        )
        self._threads = [
            threading.Thread(target=self._read_events, name="engine-events", daemon=True),
            threading.Thread(
                target=self._read_log, args=(log_path,), name="engine-log", daemon=True
            ),
        ]
        for thread in self._threads:
            thread.start()

    def _pipe(self, pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None  # all three were asked for
        return pipe

    def _read_events(self) -> None:
        for raw in self._pipe(self.process.stdout):
            try:
                self.lines.put(json.loads(raw))
            except ValueError:
                log.warning("the engine wrote a line that is not JSON: %r", raw[:200])
        self.lines.put(None)

    def _read_log(self, log_path: Path | None) -> None:
        sink = _open_log(log_path)
        for raw in self._pipe(self.process.stderr):
            self.last_lines.append(raw.decode("utf-8", "replace").rstrip())
            if sink is not None:
                sink.write(raw)
        if sink is not None:
            sink.close()

    def send(self, line: wire.Line) -> None:
        """Write one line; a child that is gone is noticed by the reader."""
        pipe = self._pipe(self.process.stdin)
        with self._write_lock:
            try:
                pipe.write(wire.dump(line))
                pipe.flush()
            except (OSError, ValueError):
                log.debug("the engine no longer reads")

    def end(self, *, timeout_s: float) -> None:
        """Let it end by closing its stdin, by force if it does not say so within `timeout_s`.

        A child that has closed its stdout only saves what the next start can use: it may outlive
        this process, and is given `SAVE_TIMEOUT_S` for that.
        """
        with self._write_lock:
            try:
                self._pipe(self.process.stdin).close()
            except OSError:
                log.debug("the engine's stdin was already gone")
        events = self._threads[0]
        events.join(timeout_s)
        if events.is_alive():
            self.process.kill()
        try:
            self.process.wait(SAVING_UNSEEN_S)
        except subprocess.TimeoutExpired:
            threading.Thread(target=self._wait, name="engine-saves", daemon=True).start()
        else:
            self._wait()

    def _wait(self) -> None:
        """Wait for its end; gives its pipes back."""
        try:
            self.process.wait(SAVE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            log.warning("the engine did not end after its last request; ending it")
            self.process.kill()
            self.process.wait()
        for thread in self._threads:
            thread.join(CLOSE_TIMEOUT_S)
        for pipe in (self.process.stdout, self.process.stderr):
            self._pipe(pipe).close()


def _open_log(path: Path | None) -> IO[bytes] | None:
    """The engine's log file, begun anew with every child; None where it cannot be written."""
    if path is None:
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb", buffering=0)
    except OSError as error:
        log.warning("the engine's log %s cannot be written: %s", path, error)
        return None


class EngineHost:
    """Runs requests in a child process; implements `inference.engine.Engine` for any thread.

    Args:
        command: The argument list that starts the child.
        log_path: Where the child's stderr is kept.
        options: What holds for all requests.
    """

    def __init__(
        self,
        command: Sequence[str],
        log_path: Path | None = None,
        options: EngineOptions | None = None,
    ) -> None:
        self._command = tuple(command)
        self._log_path = log_path
        self._options = options or EngineOptions()
        self._child: _Child | None = None
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
        child = self._ensure_child()
        heard = False
        try:
            for event in self._ask(child, request):
                heard = True
                yield event
        except EngineDied:
            if heard or child is not used_before:
                raise
            # It had died unseen since the request before; a new one knows nothing of that.
            yield from self._ask(self._ensure_child(), request)
        finally:
            with self._state:
                self._running_id = ""

    def _ask(self, child: _Child, request: Request) -> Iterator[Event]:
        """Send the request and bring back its events; a consumer that goes away cancels it."""
        child.send(wire.request_line(request))
        if self._open_ids[request.id]:  # cancelled while the child started
            child.send({"op": "cancel", "id": request.id})
        try:
            yield from self._events(child, request.id)
        except GeneratorExit:
            self.cancel(request.id)
            deque(self._events(child, request.id), maxlen=0)
            raise

    def _events(self, child: _Child, request_id: str) -> Iterator[Event]:
        """The request's events up to its end."""
        deadline: float | None = None
        while True:
            if deadline is None and self._open_ids[request_id]:
                deadline = time.monotonic() + CANCEL_GRACE_S
            try:
                line = child.lines.get(timeout=0.25)
            except queue.Empty:
                if deadline is not None and time.monotonic() > deadline:
                    log.warning("the engine did not end a cancelled request; ending the engine")
                    self._drop(child)
                    yield Finished.before_start()
                    return
                continue
            if line is None:
                raise self._died(child)
            if line.get("id") != request_id:
                continue
            if line["event"] == "end":
                return
            yield wire.read_event(line)

    def _ensure_child(self) -> _Child:
        with self._state:
            if self._closed:
                raise EngineDied("The engine is closed", "", "Start Conclave again.")
            child = self._child
        if child is not None and child.process.poll() is None:
            return child
        if child is not None:
            self._drop(child)
        return self._start()

    def _start(self) -> _Child:
        try:
            child = _Child(self._command, self._log_path)
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

    def _greet(self, child: _Child) -> None:
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
            "The engine did not start", f"{reason}. {_last_words(child)}", "Install Conclave again."
        )

    def _died(self, child: _Child) -> EngineDied:
        self._drop(child)
        code = child.process.returncode
        if any(WORKER_LOST in line for line in child.last_lines):
            return WorkerLost(
                "A worker that held part of the model is gone",
                _last_words(child),
                "Start it again, or take it out of the list of workers, and try again.",
            )
        hint = "Try again: the engine starts anew."
        if code == -signal.SIGABRT.value:
            hint = "Try again; if it happens each time, choose another model."
        elif sys.platform != "win32" and code == -signal.SIGKILL.value:
            hint = "The system may have ended it for lack of memory. Try again, or a smaller model."
        return EngineDied(
            "The engine stopped unexpectedly", f"{_ending(code)} {_last_words(child)}", hint
        )

    def _drop(self, child: _Child) -> None:
        with self._state:
            if self._child is child:
                self._child = None
        child.end(timeout_s=0.5)


def _ending(code: int) -> str:
    if code < 0:
        try:
            return f"It was ended by {signal.Signals(-code).name}."
        except ValueError:
            return f"It was ended by signal {-code}."
    return f"It ended with code {code}."


def _last_words(child: _Child) -> str:
    words = [line for line in child.last_lines if line.strip()][-LAST_WORDS:]
    return f"Last log lines: {' | '.join(words)}" if words else "It logged nothing."
