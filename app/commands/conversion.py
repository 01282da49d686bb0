"""What `conclave convert` and `conclave quantize` share: options, progress, what is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar

from converters import wire
from converters.errors import OutputExists
from converters.making import Converted, Event, Planned
from converters.options import QuantizeOptions
from converters.progress import Cancelled, Progress
from inference.errors import ReportedError

_UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
Options = TypeVar("Options", bound=QuantizeOptions)

Output = Annotated[Path, typer.Option("--output", "-o", help="The GGUF file, or a folder.")]
Type = Annotated[str, typer.Option("--type", "-t", help="Such as BF16, Q8_0 or Q4_K_M.")]
TensorTypes = Annotated[
    list[str] | None,
    typer.Option(
        "--tensor-type", help="PATTERN=TYPE for some tensors, such as 'ffn_down=Q6_K'; repeatable."
    ),
]
OutputType = Annotated[str, typer.Option(help="Type of the output matrix.")]
EmbeddingType = Annotated[str, typer.Option(help="Type of the token embedding.")]
Imatrix = Annotated[Path | None, typer.Option(help="An importance matrix (GGUF).")]
SplitMaxSize = Annotated[
    str, typer.Option(help="Several files of at most this size, such as 500M or 4G.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be written.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
AllowNan = Annotated[
    bool, typer.Option("--allow-nan", help="Write weights that are NaN or infinite.")
]
Threads = Annotated[int, typer.Option(min=0, help="Threads; 0 takes all cores.")]
JsonProgress = Annotated[
    bool, typer.Option("--json-progress", help="Tell everything as JSON lines on stdout.")
]


def split_bytes(text: str) -> int:
    """Bytes of a size such as 500M or 4G; 0 for an empty text.

    Raises:
        typer.BadParameter: It is none.
    """
    if not text:
        return 0
    number, unit = (text[:-1], text[-1].upper()) if text[-1].upper() in _UNITS else (text, "")
    if not number.isdecimal() or not int(number):
        raise typer.BadParameter(
            f"{text!r} is no size such as 500M or 4G", param_hint="--split-max-size"
        )
    return int(number) * _UNITS.get(unit, 1)


def run(work: Callable[[Options], Iterator[Event]], options: Options, as_json: bool) -> None:
    """Do the work and tell of it; asks whether a file shall be replaced where a person can answer.

    Raises:
        ReportedError: It failed.
    """
    tell = _tell_json if as_json else _tell_person
    try:
        tell(work(options))
    except OutputExists as error:
        if as_json or not sys.stdin.isatty():
            raise
        typer.confirm(f"{error.detail} Replace it?", abort=True, err=True)
        tell(work(replace(options, force=True)))


def _tell_json(events: Iterator[Event]) -> None:
    try:
        for event in events:
            typer.echo(wire.dump(wire.event_line(event)))
    except ReportedError as error:
        typer.echo(wire.dump(wire.error_line(error)))
        raise


def _tell_person(events: Iterator[Event]) -> None:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[tensors]}"),
    )
    last: Event | None = None
    with Bar(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        stages: dict[str, int] = {}
        for last in events:
            if isinstance(last, Progress):
                _advance(bar, stages, last)
    if isinstance(last, Converted):
        typer.echo(_converted(last))
    elif isinstance(last, Planned):
        typer.echo(_planned(last))
    elif isinstance(last, Cancelled):
        raise KeyboardInterrupt


def _advance(bar: Bar, stages: dict[str, int], progress: Progress) -> None:
    if progress.stage not in stages:
        stages[progress.stage] = bar.add_task(progress.stage, tensors="")
    bar.update(
        stages[progress.stage],  # type: ignore[arg-type]
        completed=progress.done_bytes,
        total=progress.total_bytes or None,
        tensors=f"{progress.done_tensors}/{progress.total_tensors} tensors",
    )


def _converted(result: Converted) -> str:
    speed = result.n_bytes / max(result.seconds, 1e-3)
    lines = [str(path) for path in result.paths]
    lines.append(
        f"{size(result.n_bytes)} in {duration(result.seconds)} ({size(speed)}/s); {_types(result)}"
    )
    return "\n".join([*lines, *result.notes])


def _planned(plan: Planned) -> str:
    total = sum(plan.file_bytes)
    lines = [
        f"{path}  {size(n_bytes)}"
        for path, n_bytes in zip(plan.paths, plan.file_bytes, strict=True)
    ]
    bits = 8 * total / max(1, plan.n_parameters)
    lines.append(f"{plan.n_parameters:,} weights, {bits:.2f} bits each; {_types(plan)}")
    room = "enough" if total < plan.free_bytes else "NOT ENOUGH"
    lines.append(f"{size(total)} to write, {size(plan.free_bytes)} free: {room}")
    lines.append(f"about {duration(plan.seconds)} of computing")
    return "\n".join([*lines, *plan.notes])


def _types(told: Converted | Planned) -> str:
    return ", ".join(
        f"{count} {name} ({size(n_bytes)})" for name, (count, n_bytes) in told.types.items()
    )


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
