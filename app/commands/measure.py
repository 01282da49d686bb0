"""`conclave measure`: how good models are, by themselves and against a reference."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.commands.work import JsonProgress, carry_out
from converters.measurement import report
from converters.measurement.values import Measured, MeasureOptions


def measure_command(
    models: Annotated[list[Path], typer.Argument(metavar="MODEL", help="GGUF files.")],
    text: Annotated[Path, typer.Option(help="A text file in UTF-8, such as wiki.test.raw.")],
    reference: Annotated[
        Path | None, typer.Option(help="The model to compare with, mostly the one at 16 bits.")
    ] = None,
    n_ctx: Annotated[int, typer.Option(min=8, help="Tokens of each piece of the text.")] = 512,
    chunks: Annotated[int, typer.Option(min=0, help="Pieces to read; 0: the whole text.")] = 0,
    threads: Annotated[int, typer.Option(min=0, help="0: as many as the engine takes.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="All figures as JSON.")] = False,
    plot: Annotated[
        Path | None, typer.Option(help="A PNG file: quality against size of all models.")
    ] = None,
    json_progress: JsonProgress = False,
) -> None:
    """Measure perplexity on a text and, with a reference, what a quantization changed."""
    options = MeasureOptions(tuple(models), text, reference, n_ctx, chunks, threads)
    events = carry_out(options, json_progress)
    results = [event for event in events if isinstance(event, Measured)]
    if plot is not None:
        report.plot(results, plot)
    if json_progress:
        return
    if as_json:
        typer.echo(report.as_json(results))
        return
    table = Table(*report.columns(compared=reference is not None))
    for measured in results:
        table.add_row(*report.row(measured))
    Console(width=None if sys.stdout.isatty() else 200).print(table)
