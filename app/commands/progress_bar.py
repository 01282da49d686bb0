"""Progress of the converters' work, drawn on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Column
from rich.text import Text

from app.commands.work import size
from converters.calibration.values import CalibrateProgress
from converters.measurement.values import MeasureProgress
from converters.progress import Progress
from converters.wire import Event


def shown_as_bars(events: Iterator[Event]) -> Iterator[Event]:
    """The same events; a line on stderr follows their progress, and is gone at the end."""
    with Bar(*progress_columns(), console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}
        for event in events:
            shown = _shown(event)
            if shown is not None:
                _draw(bar, tasks, shown)
            yield event


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
