"""`conclave quantize`: a GGUF file in another type."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands import conversion
from app.commands.work import JsonProgress
from converters.options import QuantizeOptions


def quantize(
    model: Annotated[Path, typer.Argument(help="A GGUF file, or the first part of a split one.")],
    output: conversion.Output = Path(),
    type: conversion.Type = "Q4_K_M",
    tensor_type: conversion.TensorTypes = None,
    output_type: conversion.OutputType = "",
    embedding_type: conversion.EmbeddingType = "",
    imatrix: conversion.Imatrix = None,
    split_max_size: conversion.SplitMaxSize = "",
    dry_run: conversion.DryRun = False,
    force: conversion.Force = False,
    allow_nan: conversion.AllowNan = False,
    allow_requantize: Annotated[
        bool,
        typer.Option("--allow-requantize", help="Quantize weights that are quantized already."),
    ] = False,
    threads: conversion.Threads = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Write a GGUF file in another type."""
    options = QuantizeOptions(
        source=model,
        output=output,
        type=type,
        tensor_types=tuple(tensor_type or ()),
        output_type=output_type,
        embedding_type=embedding_type,
        imatrix=imatrix,
        split_bytes=conversion.split_bytes(split_max_size),
        dry_run=dry_run,
        force=force,
        allow_not_finite=allow_nan,
        allow_requantize=allow_requantize,
        n_threads=threads,
    )
    conversion.run(options, json_progress)
