"""What `conclave convert` and `conclave quantize` share: options, and what is told at the end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from app.commands.work import carry_out, duration, size
from converters.options import QuantizeOptions
from converters.results import Converted, Planned

_UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
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
Imatrix = Annotated[Path | None, typer.Option(help="An importance matrix, of either form.")]
SplitMaxSize = Annotated[
    str, typer.Option(help="Several files of at most this size, such as 500M or 4G.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would be written.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
AllowNan = Annotated[
    bool, typer.Option("--allow-nan", help="Write weights that are NaN or infinite.")
]
Threads = Annotated[int, typer.Option(min=0, help="Threads; 0 takes all cores.")]


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


def run(options: QuantizeOptions, as_json: bool) -> None:
    """Make a model and tell of it.

    Raises:
        ReportedError: It failed.
    """
    for event in carry_out(options, as_json):
        if as_json:
            continue
        if isinstance(event, Converted):
            typer.echo(_converted(event))
        elif isinstance(event, Planned):
            typer.echo(_planned(event))


def _converted(result: Converted) -> str:
    speed = result.n_bytes / max(result.seconds, 1e-3)
    lines = [str(path) for path in result.paths]
    lines.append(
        f"{size(result.n_bytes)} in {duration(result.seconds)} ({size(speed)}/s); {_types(result)}"
    )
    return "\n".join([*lines, *gathered(result.notes)])


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
    return "\n".join([*lines, *gathered(plan.notes)])


def gathered(notes: Iterable[str]) -> list[str]:
    """The notes, those that say the same of several tensors as one.

    A note begins with the name of the tensor that it is about.
    """
    names: dict[str, list[str]] = {}
    for note in notes:
        name, _space, rest = note.partition(" ")
        names.setdefault(rest, []).append(name)
    return [
        f"{first} {rest}" if not others else f"{first} and {len(others):,} more: each {rest}"
        for rest, (first, *others) in names.items()
    ]


def _types(told: Converted | Planned) -> str:
    return ", ".join(
        f"{count} {name} ({size(n_bytes)})" for name, (count, n_bytes) in told.types.items()
    )
