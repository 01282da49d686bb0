"""`conclave convert`: a checkpoint as a GGUF file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.commands import conversion
from app.commands.work import JsonProgress
from converters.options import ConvertOptions


def convert(
    checkpoint: Annotated[
        Path, typer.Argument(help="A folder with config.json and safetensors, or one such file.")
    ],
    output: conversion.Output = Path(),
    type: conversion.Type = "BF16",
    tensor_type: conversion.TensorTypes = None,
    output_type: conversion.OutputType = "",
    embedding_type: conversion.EmbeddingType = "",
    imatrix: conversion.Imatrix = None,
    split_max_size: conversion.SplitMaxSize = "",
    name: Annotated[str, typer.Option(help="The model's name.")] = "",
    metadata: Annotated[
        Path | None, typer.Option(help="A JSON file with keys that replace what is found.")
    ] = None,
    pre_tokenizer: Annotated[
        str, typer.Option(help="The pre-tokenizer, where it cannot be found out.")
    ] = "",
    mtp: Annotated[
        Literal["keep", "drop"] | None,
        typer.Option(
            help="Layers that predict further tokens; by default GLM's are kept, DeepSeek's not."
        ),
    ] = None,
    dry_run: conversion.DryRun = False,
    force: conversion.Force = False,
    allow_nan: conversion.AllowNan = False,
    threads: conversion.Threads = 0,
    json_progress: JsonProgress = False,
) -> None:
    """Convert a checkpoint (safetensors) to GGUF in one pass."""
    options = ConvertOptions(
        source=checkpoint,
        output=output,
        type=type,
        tensor_types=tuple(tensor_type or ()),
        output_type=output_type,
        embedding_type=embedding_type,
        imatrix=imatrix,
        split_bytes=conversion.split_bytes(split_max_size),
        name=name,
        metadata=metadata,
        pre_tokenizer=pre_tokenizer,
        keep_mtp=None if mtp is None else mtp == "keep",
        dry_run=dry_run,
        force=force,
        allow_not_finite=allow_nan,
        n_threads=threads,
    )
    conversion.run(options, json_progress)
