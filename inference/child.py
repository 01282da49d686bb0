"""The engine's process: reads requests from stdin, runs them one by one, writes events to stdout.

It ends when its stdin closes: it closes stdout as a sign that nothing more is to come, and outlives
its parent by the few seconds that saving takes at most. stdout belongs to the protocol alone;
whatever else writes there goes to stderr, which the parent keeps as the log.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import BinaryIO, Protocol

from inference import wire
from inference.coalesce import coalesced
from inference.engine import ConfigurableEngine, Engine, EngineOptions, Request
from inference.errors import EngineError

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
    output = _claim_stdout()
    from inference.llama.engine import LlamaEngine  # after stdout is safe: it loads native code

    engine = LlamaEngine(template_command)
    _send(output, {"event": "hello", "protocol": wire.PROTOCOL})
    serve(engine, sys.stdin.buffer, output)
    return 0


class LastingEngine(ConfigurableEngine, Protocol):
    """What runs in this process: it uses the time between requests, and can be left in order."""

    def rest(self, is_wanted: Callable[[], bool]) -> float | None:
        """Use the time until `is_wanted`; returns the seconds until there is more to do."""
        ...

    def leave(self) -> None:
        """Let the running request end soon; any thread."""
        ...

    def save(self, timeout_s: float) -> None:
        """Keep what the next start can use; nothing is run afterwards."""
        ...


class _ParentGone(Exception):
    """Nobody reads what is written here."""


_Inbox = queue.SimpleQueue[Request | EngineOptions | None]


def serve(engine: LastingEngine, source: BinaryIO, output: BinaryIO) -> None:
    """Run requests from `source` until it ends, then save what is worth it and exit."""
    inbox: _Inbox = queue.SimpleQueue()
    saving = threading.Event()
    threading.Thread(
        target=_read, args=(engine, source, inbox, saving), name="requests", daemon=True
    ).start()
    try:
        while (item := _next(engine, inbox)) is not None:
            if isinstance(item, EngineOptions):
                engine.configure(item)
            else:
                _run(engine, item, output)
    except _ParentGone:
        pass
    saving.set()
    with suppress(OSError):
        output.close()  # the parent need not wait for the rest
    try:
        engine.save(SAVE_TIMEOUT_S)
    finally:
        os._exit(0)


def _next(engine: LastingEngine, inbox: _Inbox) -> Request | EngineOptions | None:
    """What comes next; the engine rests until then."""
    while True:
        try:
            wait_s = engine.rest(lambda: not inbox.empty())
        except Exception:  # nobody has asked for this work, so nobody is to suffer from it
            traceback.print_exc()
            wait_s = None
        try:
            return inbox.get(timeout=wait_s)
        except queue.Empty:
            continue


def _claim_stdout() -> BinaryIO:
    protocol = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(protocol, "wb")


def _read(engine: LastingEngine, source: BinaryIO, inbox: _Inbox, saving: threading.Event) -> None:
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


def _run(engine: Engine, request: Request, output: BinaryIO) -> None:
    try:
        for event in coalesced(engine.run(request)):
            _send(output, wire.event_line(request.id, event))
        _send(output, {"id": request.id, "event": "end"})
    except EngineError as error:
        _send(output, wire.error_line(request.id, error))
    except _ParentGone:
        raise
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
    except BrokenPipeError as error:
        raise _ParentGone from error
