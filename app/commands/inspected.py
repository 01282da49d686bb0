"""What `conclave inspect` prints of a model file: a line and tables."""

from __future__ import annotations

from collections.abc import Mapping

from rich.markup import escape
from rich.table import Table

from converters.inspection import Inspected, report
from converters.inspection.inspected import Size


def summary(found: Inspected) -> str:
    """Form, architecture, weights and sizes in a line."""
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


def metadata(found: Inspected) -> Table:
    """Keys and values."""
    table = Table("key", "value", title_justify="left")
    for key, value in found.metadata.items():
        table.add_row(escape(key), escape(report.short(value)))
    return table


def sizes(head: str, groups: Mapping[str, Size]) -> Table:
    """Tensors, weights and bytes of each group."""
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


def tensors(found: Inspected) -> Table:
    """Name, shape, type and size of each tensor."""
    table = Table("tensor", "shape", "type")
    table.add_column("size", justify="right")
    for tensor in found.tensors:
        shape = " x ".join(f"{n:,}" for n in tensor.shape)
        size = report.megabytes(tensor.n_bytes)
        table.add_row(escape(tensor.name), shape, tensor.type, size)
    return table
