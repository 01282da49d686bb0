"""The engine's process: reads requests from stdin, runs them one by one, writes events to stdout.

It ends when its stdin closes, so it never outlives its parent. stdout belongs to the protocol
alone; whatever else writes there goes to stderr, which the parent keeps as the log. While a request
runs, a thread of its own tells whether the work moves on; it beats for no work that stands still.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import BinaryIO, Protocol

from inference import wire
from inference.coalesce import coalesced
from inference.endings import LESS_MEMORY
from inference.engine import Engine, EngineOptions, Request
from inference.errors import EngineError
from inference.heartbeat import Heartbeat, Output


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


class ChildEngine(Engine, Protocol):
    """What runs in this process.

    Attributes:
        n_steps: Grows with each piece of work that is done, down to the nodes of a graph.
    """

    n_steps: int

    @property
    def is_loaded(self) -> bool:
        """Whether a model is held."""
        ...

    def configure(self, options: EngineOptions) -> None:
        """Take other options, between two requests."""
        ...

    def unload(self) -> None:
        """Give the model back, between two requests; the next one loads it again."""
        ...


def serve(engine: ChildEngine, source: BinaryIO, stream: BinaryIO) -> None:
    """Run requests from `source` for ever; the process exits when `source` ends."""
    requests: queue.SimpleQueue[Request | EngineOptions] = queue.SimpleQueue()
    threading.Thread(
        target=_read, args=(engine, source, requests), name="requests", daemon=True
    ).start()
    output = Output(stream)
    heartbeat = Heartbeat(lambda: engine.n_steps, output)
    idle_s = 0.0
    while True:
        patience = min(idle_s, threading.TIMEOUT_MAX) if idle_s > 0 and engine.is_loaded else None
        try:
            request = requests.get(timeout=patience)
        except queue.Empty:
            engine.unload()
            output.send({"event": wire.UNLOADED})
            continue
        if isinstance(request, EngineOptions):
            idle_s = request.idle_unload_s
            engine.configure(request)
            continue
        with heartbeat.on():
            _run(engine, request, output)


def _claim_stdout() -> BinaryIO:
    protocol = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(protocol, "wb")


def _read(
    engine: Engine, source: BinaryIO, requests: queue.SimpleQueue[Request | EngineOptions]
) -> None:
    for raw in source:
        line = json.loads(raw)
        if line["op"] == "cancel":
            engine.cancel(line["id"])
        elif line["op"] == "configure":
            requests.put(wire.read_options(line))
        else:
            requests.put(wire.read_request(line))
    os._exit(0)  # the main thread may be deep in native code: there is nobody to wait for


def _run(engine: Engine, request: Request, output: Output) -> None:
    try:
        for event in coalesced(engine.run(request)):
            output.send(wire.event_line(request.id, event))
        output.send({"id": request.id, "event": "end"})
    except EngineError as error:
        output.send(wire.error_line(request.id, error))
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
