"""The converter's process: one order from stdin, its events to stdout, one JSON object a line.

Parent to child: `{"op": "convert" or "quantize", "options": {...}}`, later perhaps
`{"op": "cancel"}`. Child to parent: events as in `converters.wire`; after the last one it exits.
When stdin closes, the parent is gone: the process ends at once, and what it wrote can be resumed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from typing import Any, TextIO, TypeVar

import msgspec

from converters import wire
from converters.convert import convert
from converters.errors import ConverterError
from converters.llama import Judge
from converters.making import Event
from converters.options import ConvertOptions, QuantizeOptions
from converters.quantize import quantize
from inference.errors import ReportedError

Options = TypeVar("Options", bound=QuantizeOptions)


def main(judge_command: Sequence[str]) -> int:
    """Carry out one order.

    Args:
        judge_command: What starts `converters.llama.child`.

    Returns:
        The exit status: 0 where the last event tells how it ended.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the parent's to handle
    protocol = os.dup(1)
    os.dup2(2, 1)
    cancelled = threading.Event()
    order = json.loads(sys.stdin.readline() or "null")
    if order is None:
        return 0
    threading.Thread(target=_listen, args=(cancelled,), name="orders", daemon=True).start()
    with os.fdopen(protocol, "w", encoding="ascii") as output, Judge(judge_command) as judge:
        try:
            for event in _events(order, cancelled, judge):
                _send(output, wire.event_line(event))
        except ReportedError as error:
            _send(output, wire.error_line(error))
        except Exception as error:  # the top of this process: the parent must hear of it
            traceback.print_exc()
            _send(output, wire.error_line(_unexpected(error)))
    return 0


def _events(order: dict[str, Any], cancelled: threading.Event, judge: Judge) -> Iterator[Event]:
    if order["op"] == "quantize":
        return quantize(_read(order["options"], QuantizeOptions), cancelled.is_set, judge)
    return convert(_read(order["options"], ConvertOptions), cancelled.is_set, judge)


def _read(options: dict[str, Any], kind: type[Options]) -> Options:
    return msgspec.convert(options, kind, dec_hook=_path)


def _path(kind: type[Any], value: Any) -> Any:
    return kind(value)  # paths are the only values that JSON does not have


def _listen(cancelled: threading.Event) -> None:
    for line in sys.stdin:
        if json.loads(line)["op"] == "cancel":
            cancelled.set()
    os._exit(0)  # nobody is left to hear of the result


def _send(output: TextIO, line: wire.Line) -> None:
    try:
        output.write(wire.dump(line) + "\n")
        output.flush()
    except BrokenPipeError:
        os._exit(0)  # the parent is gone


def _unexpected(error: Exception) -> ConverterError:
    return ConverterError(
        "The converter met an unexpected error",
        f"{type(error).__name__}: {error}",
        "Try again; the converter's log has the details.",
    )
