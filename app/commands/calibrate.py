"""`conclave calibrate`: an importance matrix from a text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.work import JsonProgress, carry_out
from converters.calibration.values import Calibrated, CalibrateOptions


def calibrate_command(
    model: Annotated[Path, typer.Argument(help="A GGUF file, best at 16 bits.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    text: Annotated[
        Path | None, typer.Option(help="A text file in UTF-8; not needed to combine only.")
    ] = None,
    add: Annotated[
        list[Path] | None,
        typer.Option(help="An importance matrix of the same model to add; may be repeated."),
    ] = None,
    n_ctx: Annotated[int, typer.Option(min=32, help="Tokens of each piece of the text.")] = 512,
    chunks: Annotated[int, typer.Option(min=0, help="Pieces to read; 0: the whole text.")] = 0,
    with_output: Annotated[
        bool, typer.Option("--with-output", help="Also for the output matrix.")
    ] = False,
    threads: Annotated[int, typer.Option(min=0, help="0: as many as the engine takes.")] = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file of the same name.")
    ] = False,
    json_progress: JsonProgress = False,
) -> None:
    """Make an importance matrix, which tells quantizing what columns of the weights matter."""
    if text is None and not add:
        raise typer.BadParameter("give a text, or matrices to combine", param_hint="--text")
    options = CalibrateOptions(
        model,
        text,
        output,
        tuple(add or ()),
        n_ctx,
        chunks,
        with_output,
        threads,
        force=force,
    )
    try:
        events = carry_out(options, json_progress)
    except KeyboardInterrupt:
        if options.partial.exists() and not json_progress:
            kept = f"{options.partial} keeps what had been read when it was last saved"
            typer.echo(f"conclave: stopped; {kept}. The same command goes on from there.", err=True)
        raise
    for event in events:
        if isinstance(event, Calibrated) and not json_progress:
            _tell(event)


def _tell(result: Calibrated) -> None:
    typer.echo(f"{result.path}: {result.n_matrices:,} matrices, {result.n_tokens:,} tokens")
    for name, experts in result.unreached.items():
        listed = ", ".join(map(str, experts))
        typer.echo(f"{name}: no token came to {len(experts):,} experts ({listed})")
    if result.unreached:
        typer.echo("All columns of those experts count alike. A longer text may reach them.")
