"""How the terminal has the converters' work done: in their process, with progress, with Ctrl+C."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import typer

from app.child import child_command
from converters import host, wire
from converters.calibration.values import CalibrateProgress
from converters.errors import OutputExists
from converters.measurement.values import MeasureOptions, MeasureProgress
from converters.progress import Cancelled, Progress
from converters.wire import Event, Options
from inference.errors import ReportedError

JsonProgress = Annotated[
    bool, typer.Option("--json-progress", help="Tell everything as JSON lines on stdout.")
]


def carry_out(options: Options, as_json: bool) -> list[Event]:
    """Do the work; asks whether a file shall be replaced where a person can answer.

    Args:
        options: The order.
        as_json: Whether all events go to stdout as JSON lines, instead of progress to a person.

    Returns:
        The events that are no progress.

    Raises:
        ReportedError: It failed.
        KeyboardInterrupt: It was cancelled.
    """
    tell = _tell_json if as_json else _tell_person
    command = child_command("convert")
    try:
        return tell(host.run(command, options))
    except OutputExists as error:
        if as_json or not sys.stdin.isatty() or isinstance(options, MeasureOptions):
            raise
        typer.confirm(f"{error.detail} Replace it?", abort=True, err=True)
        return tell(host.run(command, replace(options, force=True)))


def _tell_json(events: Iterator[Event]) -> list[Event]:
    told = []
    try:
        for event in events:
            typer.echo(wire.dump(wire.event_line(event)))
            if not is_progress(event):
                told.append(event)
    except ReportedError as error:
        typer.echo(wire.dump(wire.error_line(error)))
        raise
    return told


def _tell_person(events: Iterator[Event]) -> list[Event]:
    if sys.stderr.isatty():
        from app.commands.progress_bar import shown_as_bars  # rich takes a while to load

        events = shown_as_bars(events)
    told: list[Event] = []
    for event in events:
        if isinstance(event, Cancelled):
            raise KeyboardInterrupt
        if not is_progress(event):
            told.append(event)
    return told


def is_progress(event: Event) -> bool:
    """Whether more events follow."""
    return isinstance(event, Progress | CalibrateProgress | MeasureProgress)


def size(n_bytes: float) -> str:
    """Bytes in a unit that a person reads."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "bytes" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"


def duration(seconds: float) -> str:
    """Seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"
