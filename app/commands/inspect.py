"""`conclave inspect`: what a model file says about itself."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from converters.inspection import Inspected, inspect, report
from converters.inspection.inspected import Size


def inspect_command(
    file: Annotated[Path, typer.Argument(help="A GGUF or safetensors file, or a checkpoint.")],
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON.")] = False,
    tensors: Annotated[bool, typer.Option("--tensors", help="List every tensor.")] = False,
    layers: Annotated[bool, typer.Option("--layers", help="List the sizes of all layers.")] = False,
    template: Annotated[bool, typer.Option("--template", help="Print the chat template.")] = False,
) -> None:
    """Show metadata, sizes, weights in all and in use, and the chat template of a model file."""
    found = inspect(file)
    if as_json:
        typer.echo(report.as_json(found))
        return
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    console.print(_summary(found))
    console.print(_metadata(found))
    console.print(_sizes("part", {kind.value: size for kind, size in found.by_kind.items()}))
    console.print(_sizes("type", found.by_type))
    if layers:
        console.print(_sizes("layer", {str(n): size for n, size in found.by_layer.items()}))
    if tensors:
        console.print(_tensors(found))
    if template:
        typer.echo(found.chat_template or "There is no chat template.")


def _summary(found: Inspected) -> str:
    total = found.total
    words = f"{report.weights(total.n_weights)} weights"
    if found.n_experts:
        words += (
            f", {report.weights(found.n_active)} of them for each token "
            f"({found.n_experts_used} of {found.n_experts} experts)"
        )
    template = "with" if found.chat_template else "without"
    return (
        f"[bold]{escape(found.path.name)}[/bold]: {found.form}, {escape(found.architecture)}, "
        f"{words}, {report.megabytes(total.n_bytes)}, {found.bits_per_weight:.2f} bits a weight, "
        f"{len(found.by_layer)} layers, {template} a chat template"
    )


def _metadata(found: Inspected) -> Table:
    table = Table("key", "value", title_justify="left")
    for key, value in found.metadata.items():
        table.add_row(escape(key), escape(report.short(value)))
    return table


def _sizes(head: str, groups: Mapping[str, Size]) -> Table:
    table = Table(head)
    for column in ("tensors", "weights", "size"):
        table.add_column(column, justify="right")
    for name, size in groups.items():
        table.add_row(
            escape(name),
            f"{size.n_tensors:,}",
            report.weights(size.n_weights),
            report.megabytes(size.n_bytes),
        )
    return table


def _tensors(found: Inspected) -> Table:
    table = Table("tensor", "shape", "type")
    table.add_column("size", justify="right")
    for tensor in found.tensors:
        shape = " x ".join(f"{n:,}" for n in tensor.shape)
        size = report.megabytes(tensor.n_bytes)
        table.add_row(escape(tensor.name), shape, tensor.type, size)
    return table
