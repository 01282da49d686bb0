"""How the terminal has the converters' work done: in their process, with progress, with Ctrl+C."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Column
from rich.text import Text

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
            if _shown(event) is None:
                told.append(event)
    except ReportedError as error:
        typer.echo(wire.dump(wire.error_line(error)))
        raise
    return told


def _tell_person(events: Iterator[Event]) -> list[Event]:
    console = Console(stderr=True)
    told: list[Event] = []
    with Bar(
        *progress_columns(), console=console, disable=not console.is_terminal, transient=True
    ) as bar:
        tasks: dict[str, TaskID] = {}
        for event in events:
            shown = _shown(event)
            if isinstance(event, Cancelled):
                raise KeyboardInterrupt
            if shown is None:
                told.append(event)
            else:
                _draw(bar, tasks, shown)
    return told


def progress_columns() -> tuple[ProgressColumn, ...]:
    """What a line of progress has; where the terminal is narrow, bar and name give way."""
    whole = Column(no_wrap=True)
    return (
        TextColumn("{task.description}", markup=False, table_column=Column(overflow="ellipsis")),
        BarColumn(bar_width=None, table_column=Column(ratio=1, max_width=40)),
        _Amount(table_column=whole),
        _Speed(table_column=whole.copy()),
        TimeRemainingColumn(table_column=whole.copy()),
        TextColumn("{task.fields[words]}", markup=False, table_column=whole.copy()),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A line of progress: `done` of `total` bytes, or of tokens where `is_text`."""

    name: str
    done: int
    total: int
    words: str
    is_text: bool = False


def _shown(event: Event) -> _Shown | None:
    """How progress is shown; None for what is none."""
    if isinstance(event, Progress):
        words = f"{event.done_tensors}/{event.total_tensors} tensors" if event.total_tensors else ""
        return _Shown(event.stage, event.done_bytes, event.total_bytes, words)
    if isinstance(event, CalibrateProgress | MeasureProgress):
        name = event.model if isinstance(event, MeasureProgress) else "reading"
        done, total = event.done * event.n_tokens, event.total * event.n_tokens
        return _Shown(name, done, total, f"perplexity {event.perplexity:.3f}", is_text=True)
    return None


def _draw(bar: Bar, tasks: dict[str, TaskID], shown: _Shown) -> None:
    if shown.name not in tasks:
        tasks[shown.name] = bar.add_task(shown.name, total=None, words="", is_text=shown.is_text)
    bar.update(
        tasks[shown.name], completed=shown.done, total=shown.total or None, words=shown.words
    )


class _Amount(ProgressColumn):
    def render(self, task: Task) -> Text:
        """How much is done, of how much."""
        if task.total is None:
            return Text("")
        unit = _tokens if task.fields["is_text"] else size
        done = f"{task.completed:,.0f}" if task.fields["is_text"] else size(task.completed)
        return Text(f"{done} of {unit(task.total)}")


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Bytes or tokens of a second, lately."""
        if not task.speed:
            return Text("")
        unit = _tokens if task.fields["is_text"] else size
        return Text(f"{unit(task.speed)}/s")


def _tokens(count: float) -> str:
    return f"{count:,.0f} tokens"


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
