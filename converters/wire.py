"""Orders and events of the converters as JSON objects: for the window, and for other programs.

Parent to child: `{"op": NAME, "options": {...}}` with a name of `ORDERS`, later perhaps
`{"op": "cancel"}`. Child to parent: `{"event": CLASS, ...fields}` for each event, and as the last
one an event that ends the work or `{"event": "error", "kind", "title", "detail", "hint"}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from converters import errors
from converters.calibration.values import Calibrated, CalibrateOptions, CalibrateProgress
from converters.measurement.values import Measured, MeasureOptions, MeasureProgress
from converters.options import ConvertOptions, QuantizeOptions
from converters.progress import Cancelled, Progress
from converters.results import Converted, Planned
from inference import errors as engine_errors
from inference.errors import ReportedError

Line = dict[str, Any]
Options = ConvertOptions | QuantizeOptions | CalibrateOptions | MeasureOptions
Event = (
    Progress
    | Planned
    | Converted
    | CalibrateProgress
    | Calibrated
    | MeasureProgress
    | Measured
    | Cancelled
)

ORDERS: Mapping[str, type[Options]] = {
    "convert": ConvertOptions,
    "quantize": QuantizeOptions,
    "calibrate": CalibrateOptions,
    "measure": MeasureOptions,
}
_EVENTS: Mapping[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        *(Progress, Planned, Converted, Cancelled),
        *(CalibrateProgress, Calibrated, MeasureProgress, Measured),
    )
}


def order_line(options: Options) -> Line:
    """How an order travels."""
    (name,) = (name for name, kind in ORDERS.items() if kind is type(options))
    return {"op": name, "options": _written(options)}


def read_order(line: Line) -> Options:
    """The options of an order.

    Raises:
        KeyError, ValueError: The line is not one that `order_line` makes.
    """
    return msgspec.convert(line["options"], ORDERS[line["op"]], dec_hook=_decode)


def event_line(event: Event) -> Line:
    """An event with its class under "event"."""
    return {"event": type(event).__name__, **_written(event)}


def read_event(line: Line) -> Event:
    """The event of a line.

    Raises:
        ReportedError: The line carries an error.
        KeyError, ValueError: The line is not one that `event_line` makes.
    """
    if line["event"] == "error":
        kind = getattr(errors, line["kind"], None) or getattr(engine_errors, line["kind"], None)
        raise (kind or ReportedError)(line["title"], line["detail"], line["hint"])
    return msgspec.convert(line, _EVENTS[line["event"]], dec_hook=_decode)


def error_line(error: ReportedError) -> Line:
    """An error with its class and its words."""
    return {
        "event": "error",
        "kind": type(error).__name__,
        "title": error.title,
        "detail": error.detail,
        "hint": error.hint,
    }


def dump(line: Line) -> str:
    """One line of ASCII, without the newline."""
    return json.dumps(line, ensure_ascii=True, separators=(",", ":"))


def _written(value: Options | Event) -> Line:
    line: Line = msgspec.to_builtins(value, enc_hook=str)  # of JSON's strangers only paths
    return line


def _decode(kind: type[Any], value: Any) -> Any:
    return kind(value)
