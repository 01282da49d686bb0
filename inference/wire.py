"""The JSON lines between the engine's process and its parent: one object a line, UTF-8.

Parent to child: `{"op": "run", "kind": CLASS, "request": {...}}`, `{"op": "cancel", "id": ...}`,
`{"op": "configure", "options": {...}}`.
Child to parent: `{"event": "hello", "protocol": 1}`, then for the running request
`{"id": ..., "event": CLASS, ...fields}`, `{"id": ..., "event": "error", "kind", "title", "detail",
"hint"}` or `{"id": ..., "event": "end"}`. Of no request are `{"event": "alive", "n_steps": ...}`,
said from time to time while work goes on, and `{"event": "unloaded"}`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec

from inference.engine import EngineOptions, Event, Request
from inference.errors import EngineError, from_name

PROTOCOL = 1
ALIVE, UNLOADED = "alive", "unloaded"
Line = dict[str, Any]
T = TypeVar("T")

_EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
_REQUESTS: Mapping[str, type[Request]] = {kind.__name__: kind for kind in get_args(Request)}


def dump(line: Line) -> bytes:
    """One line, newline included. Lone surrogates survive as JSON escapes."""
    return json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def request_line(request: Request) -> Line:
    """How a request travels."""
    return {"op": "run", "kind": type(request).__name__, "request": _written(request)}


def read_request(line: Line) -> Request:
    """The request of a line.

    Raises:
        KeyError, ValueError: The line is not one that `request_line` makes.
    """
    return _read(line["request"], _REQUESTS[line["kind"]])


def options_line(options: EngineOptions) -> Line:
    """How the options travel."""
    return {"op": "configure", "options": _written(options)}


def read_options(line: Line) -> EngineOptions:
    """The options of a line that `options_line` made."""
    return _read(line["options"], EngineOptions)


def event_line(request_id: str, event: Event) -> Line:
    """How an event travels."""
    return {"id": request_id, "event": type(event).__name__, **_written(event)}


def read_event(line: Line) -> Event:
    """The event of a line.

    Raises:
        EngineError: The line carries an error.
        KeyError, ValueError: The line is not one that `event_line` makes.
    """
    if line["event"] == "error":
        raise from_name(line["kind"], line["title"], line["detail"], line["hint"])
    return _read(line, _EVENTS[line["event"]])


def error_line(request_id: str, error: EngineError) -> Line:
    """How an error travels."""
    return {
        "id": request_id,
        "event": "error",
        "kind": type(error).__name__,
        "title": error.title,
        "detail": error.detail,
        "hint": error.hint,
    }


def _written(value: object) -> Line:
    """The fields of a dataclass as JSON knows them."""
    line: Line = msgspec.to_builtins(value, enc_hook=_encode)
    return line


def _read(fields: Line, kind: type[T]) -> T:
    return msgspec.convert(fields, kind, dec_hook=_decode)


def _encode(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not cross the pipe")


def _decode(kind: type, value: Any) -> object:
    return kind(value)
