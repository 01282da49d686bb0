"""The engine's process: reads requests from stdin, runs them one by one, writes events to stdout.

It ends when its stdin closes, so it never outlives its parent. stdout belongs to the protocol
alone; whatever else writes there goes to stderr, which the parent keeps as the log.
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
from inference.engine import Engine, EngineOptions, Request
from inference.errors import EngineError


def main(template_command: Sequence[str]) -> int:
    """Run the child until the parent goes.

    Args:
        template_command: What starts the process that renders chat templates.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the parent's to handle
    output = _claim_stdout()
    from inference.llama.engine import LlamaEngine  # after stdout is safe: it loads native code

    engine = LlamaEngine(template_command)
    _send(output, {"event": "hello", "protocol": wire.PROTOCOL})
    serve(engine, sys.stdin.buffer, output)
    return 0


class ConfigurableEngine(Engine, Protocol):
    """What runs in this process."""

    def configure(self, options: EngineOptions) -> None:
        """Take other options, between two requests."""
        ...


def serve(engine: ConfigurableEngine, source: BinaryIO, output: BinaryIO) -> None:
    """Run requests from `source` for ever; the process exits when `source` ends."""
    requests: queue.SimpleQueue[Request | EngineOptions] = queue.SimpleQueue()
    threading.Thread(
        target=_read, args=(engine, source, requests), name="requests", daemon=True
    ).start()
    while True:
        match requests.get():
            case EngineOptions() as options:
                engine.configure(options)
            case request:
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


def _run(engine: Engine, request: Request, output: BinaryIO) -> None:
    try:
        for event in coalesced(engine.run(request)):
            _send(output, wire.event_line(request.id, event))
        _send(output, {"id": request.id, "event": "end"})
    except EngineError as error:
        _send(output, wire.error_line(request.id, error))
    except Exception as error:  # the top of this process: the parent must hear of it
        traceback.print_exc()
        _send(output, wire.error_line(request.id, _unexpected(error)))


def _unexpected(error: Exception) -> EngineError:
    return EngineError(
        "The engine met an unexpected error",
        f"{type(error).__name__}: {error}",
        "Try again; the engine's log has the details.",
    )


def _send(output: BinaryIO, line: wire.Line) -> None:
    try:
        output.write(wire.dump(line))
        output.flush()
    except BrokenPipeError:
        os._exit(0)  # the parent is gone
