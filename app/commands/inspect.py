"""`conclave inspect`: what a model file says about itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def inspect_command(
    file: Annotated[Path, typer.Argument(help="A GGUF or safetensors file, or a checkpoint.")],
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
    tensors: Annotated[bool, typer.Option("--tensors", help="List every tensor.")] = False,
    layers: Annotated[bool, typer.Option("--layers", help="List the sizes of all layers.")] = False,
    template: Annotated[bool, typer.Option("--template", help="Print the chat template.")] = False,
) -> None:
    """Show metadata, sizes, weights in all and in use, and the chat template of a model file."""
    # These load gguf and numpy, which help for the commands does not need.
    from app.commands import inspected
    from converters.inspection import inspect, report

    found = inspect(file)
    if as_json:
        typer.echo(report.as_json(found))
        return
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(inspected.summary(found))
    console.print(inspected.metadata(found))
    console.print(
        inspected.sizes("part", {kind.value: size for kind, size in found.by_kind.items()})
    )
    console.print(inspected.sizes("type", found.by_type))
    if layers:
        console.print(
            inspected.sizes("layer", {str(n): size for n, size in found.by_layer.items()})
        )
    if tensors:
        console.print(inspected.tensors(found))
    if template:
        typer.echo(found.chat_template or "There is no chat template.")
