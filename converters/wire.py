"""Events of a conversion as JSON objects: for the window, and for other programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from converters.making import Event
from inference.errors import ReportedError

Line = dict[str, Any]


def event_line(event: Event) -> Line:
    """An event with its class under "event"."""
    return {"event": type(event).__name__, **asdict(event)}


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
    return json.dumps(line, ensure_ascii=True, separators=(",", ":"), default=str)
