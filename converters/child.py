"""The converters' process: one order from stdin, its events to stdout, as `converters.wire` says.

After the last event it exits. When stdin closes, the parent is gone: the process ends at once, and
what it wrote can be resumed.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from typing import TextIO

from converters import wire
from converters.calibration.values import CalibrateOptions
from converters.convert import convert
from converters.errors import ConverterError
from converters.llama import Judge
from converters.memory import keep_freed
from converters.options import ConvertOptions, QuantizeOptions
from converters.progress import IsCancelled
from converters.quantize import quantize
from converters.wire import Event, Options
from inference.errors import ReportedError

_OBJECTS_BETWEEN_COLLECTIONS = 200_000
"""A vocabulary makes half a million that stay; to look through them again and again takes longer
than to read them."""
_SWITCH_S = 0.0005
"""Threads that quantize need Python's lock for microseconds at a time; while numba is loaded on
another one, they would wait five milliseconds for it each time."""


def main(judge_command: Sequence[str]) -> int:
    """Carry out one order.

    Args:
        judge_command: What starts `converters.llama.child`.

    Returns:
        The exit status: 0 where the last event tells how it ended.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is the parent's to handle
    keep_freed()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    sys.setswitchinterval(_SWITCH_S)
    protocol = os.dup(1)
    os.dup2(2, 1)
    cancelled = threading.Event()
    order = json.loads(sys.stdin.readline() or "null")
    if order is None:
        return 0
    threading.Thread(target=_listen, args=(cancelled,), name="orders", daemon=True).start()
    with os.fdopen(protocol, "w", encoding="ascii") as output, Judge(judge_command) as judge:
        try:
            for event in _events(wire.read_order(order), cancelled.is_set, judge):
                _send(output, wire.event_line(event))
        except ReportedError as error:
            _send(output, wire.error_line(error))
        except Exception as error:  # the top of this process: the parent must hear of it
            traceback.print_exc()
            _send(output, wire.error_line(_unexpected(error)))
    return 0


def _events(options: Options, is_cancelled: IsCancelled, judge: Judge) -> Iterator[Event]:
    """Carry an order out; what runs a model is loaded only for an order that does."""
    if isinstance(options, ConvertOptions):
        return convert(options, is_cancelled, judge)
    if isinstance(options, QuantizeOptions):
        return quantize(options, is_cancelled, judge)
    if isinstance(options, CalibrateOptions):
        from converters.calibration.calibrating import calibrate

        return calibrate(options, is_cancelled)
    from converters.measurement.measuring import measure

    return measure(options, is_cancelled)


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
