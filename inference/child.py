"""The engine's process: reads requests from stdin, runs them one by one, writes events to stdout.

It ends when its stdin closes: it closes stdout as a sign that nothing more is to come, and outlives
its parent by the few seconds that saving takes at most. stdout belongs to the protocol alone;
whatever else writes there goes to stderr, which the parent keeps as the log. While a request runs,
a thread of its own tells whether the work moves on; it beats for no work that stands still.
"""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import BinaryIO, Protocol

from inference import wire
from inference.coalesce import coalesced
from inference.endings import LESS_MEMORY
from inference.engine import ConfigurableEngine, Engine, EngineOptions, Request
from inference.errors import EngineError
from inference.heartbeat import Heartbeat, Output, ParentGone

LEAVE_TIMEOUT_S = 1.5
"""How long a running request may take to end when the parent goes."""
SAVE_TIMEOUT_S = 20.0
"""How long saving may take after that."""


def main(template_command: Sequence[str]) -> int:
    """Run the child until the parent goes.

    Args:
        template_command: What starts the process that renders chat templates.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the parent's to handle
    # Before it aborts, ggml would call a debugger, if there is one, for a list of functions: that
    # takes seconds, and pushes the reason out of the log's last lines.
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")
    stream = _claim_stdout()
    from inference.llama.engine import LlamaEngine  # after stdout is safe: it loads native code

    engine = LlamaEngine(template_command)
    Output(stream).send({"event": "hello", "protocol": wire.PROTOCOL})
    serve(engine, sys.stdin.buffer, stream)
    return 0


class ChildEngine(ConfigurableEngine, Protocol):
    """What runs in this process: it uses the time between requests, and can be left in order.

    Attributes:
        n_steps: Grows with each piece of work that is done, down to the nodes of a graph.
    """

    n_steps: int

    @property
    def is_loaded(self) -> bool:
        """Whether a model is held."""
        ...

    def rest(self, is_wanted: Callable[[], bool]) -> float | None:
        """Use the time until `is_wanted`; returns the seconds until there is more to do."""
        ...

    def leave(self) -> None:
        """Let the running request end soon; any thread."""
        ...

    def save(self, timeout_s: float) -> None:
        """Keep what the next start can use; nothing is run afterwards."""
        ...

    def unload(self) -> None:
        """Give the model back, between two requests; the next one loads it again."""
        ...


_Inbox = queue.SimpleQueue[Request | EngineOptions | None]


def serve(engine: ChildEngine, source: BinaryIO, stream: BinaryIO) -> None:
    """Run requests from `source` until it ends, then save what is worth it and exit."""
    inbox: _Inbox = queue.SimpleQueue()
    saving = threading.Event()
    threading.Thread(
        target=_read, args=(engine, source, inbox, saving), name="requests", daemon=True
    ).start()
    output = Output(stream)
    heartbeat = Heartbeat(lambda: engine.n_steps, output)
    idle_s = 0.0
    try:
        while (item := _next(engine, inbox, output, idle_s)) is not None:
            if isinstance(item, EngineOptions):
                idle_s = item.idle_unload_s
                engine.configure(item)
                continue
            with heartbeat.on():
                _run(engine, item, output)
    except ParentGone:
        pass
    saving.set()
    output.close()  # the parent need not wait for the rest
    try:
        engine.save(SAVE_TIMEOUT_S)
    finally:
        os._exit(0)


def _next(
    engine: ChildEngine, inbox: _Inbox, output: Output, idle_s: float
) -> Request | EngineOptions | None:
    """What comes next; the engine rests until then, and an idle model is given back."""
    idle_at = time.monotonic() + idle_s if idle_s > 0 else math.inf
    while True:
        wait_s = _rested(engine, inbox)
        if engine.is_loaded:
            wait_s = min(wait_s, max(0.0, idle_at - time.monotonic()))
        try:
            return inbox.get(timeout=min(wait_s, threading.TIMEOUT_MAX))
        except queue.Empty:
            if engine.is_loaded and time.monotonic() >= idle_at:
                engine.unload()
                output.send({"event": wire.UNLOADED})


def _rested(engine: ChildEngine, inbox: _Inbox) -> float:
    """Let the engine use the time; how many seconds until it has more to do."""
    try:
        wait_s = engine.rest(lambda: not inbox.empty())
    except Exception:  # nobody has asked for this work, so nobody is to suffer from it
        traceback.print_exc()
        wait_s = None
    return math.inf if wait_s is None else wait_s


def _claim_stdout() -> BinaryIO:
    protocol = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(protocol, "wb")


def _read(engine: ChildEngine, source: BinaryIO, inbox: _Inbox, saving: threading.Event) -> None:
    for raw in source:
        line = json.loads(raw)
        if line["op"] == "cancel":
            engine.cancel(line["id"])
        elif line["op"] == "configure":
            inbox.put(wire.read_options(line))
        else:
            inbox.put(wire.read_request(line))
    engine.leave()
    inbox.put(None)
    # The main thread may be deep in native code: it is not waited for for long.
    if saving.wait(LEAVE_TIMEOUT_S):
        time.sleep(SAVE_TIMEOUT_S + 1)
    os._exit(0)


def _run(engine: Engine, request: Request, output: Output) -> None:
    try:
        for event in coalesced(engine.run(request)):
            output.send(wire.event_line(request.id, event))
        output.send({"id": request.id, "event": "end"})
    except EngineError as error:
        output.send(wire.error_line(request.id, error))
    except ParentGone:
        raise
    except Exception as error:  # the top of this process: the parent must hear of it
        traceback.print_exc()
        output.send(wire.error_line(request.id, _unexpected(error)))


def _unexpected(error: Exception) -> EngineError:
    if isinstance(error, MemoryError):
        return EngineError("The engine ran out of memory", "Python had none left.", LESS_MEMORY)
    return EngineError(
        "The engine met an unexpected error",
        f"{type(error).__name__}: {error}",
        "Try again; the engine's log has the details.",
    )
