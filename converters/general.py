"""The keys that say what a model is called and where it is from: `general.*`.

The `gguf` package guesses them from the model card, the configuration and the folder's name, as
llama.cpp's converter does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import yaml

from converters.architectures.base import typed_values
from converters.checkpoint import Checkpoint
from converters.errors import BadMetadata
from converters.typed_value import TypedValue

Named = Iterable[tuple[str, tuple[int, ...]]]
"""Tensors of the result: names and shapes in numpy's order."""


@dataclass(frozen=True, slots=True)
class General:
    """What a model is called.

    Attributes:
        keys: `general.*` in the order of llama.cpp's converter.
        file_stem: The name of a file without type and ending.
    """

    keys: dict[str, TypedValue]
    file_stem: str


def general_keys(
    checkpoint: Checkpoint,
    architecture: str,
    tensors: Named,
    name: str | None = None,
    override: Path | None = None,
) -> General:
    """Find out what a model is called.

    Args:
        checkpoint: The model.
        architecture: `general.architecture`.
        tensors: For the number of weights.
        name: `general.name`, instead of what is found.
        override: A JSON file with keys of GGUF that replace what is found.

    Raises:
        BadMetadata: The model card or `override` cannot be read.
    """
    total, shared, expert, n_experts = _count(tensors)
    metadata = _load(checkpoint, total, name, override)
    if metadata.name is None:
        metadata.name = checkpoint.folder.name
    if metadata.size_label is None and total > 0:
        metadata.size_label = gguf.size_label(total, shared, expert, n_experts)
    keys = gguf.GGUFWriter(None, architecture)
    keys.add_type(gguf.GGUFType.MODEL)
    metadata.set_gguf_meta_model(keys)
    stem = gguf.naming_convention(
        metadata.name, metadata.basename, metadata.finetune, metadata.version,
        metadata.size_label, None,
    )  # fmt: skip
    return General(typed_values(keys), stem)


def _load(checkpoint: Checkpoint, total: int, name: str | None, override: Path | None) -> Any:
    if override is not None:
        _check_override(override)
    try:
        metadata = gguf.Metadata.load(override, checkpoint.folder, name, total)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        raise BadMetadata(
            "The model card cannot be read",
            f"README.md in {checkpoint.folder}: {' '.join(str(error).split())}",
            "Correct what stands between its lines of three dashes, or remove the file.",
        ) from error
    _add_repetition_penalty(metadata, checkpoint.folder)
    if checkpoint.model_id:
        _name_after_repository(metadata, checkpoint, total)
    return metadata


def _check_override(path: Path) -> None:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError("it holds no object")
    except (OSError, ValueError) as error:
        raise BadMetadata(
            "The file of metadata cannot be read",
            f"{path}: {error}",
            'It should look like {"general.name": "My model"}.',
        ) from error


def _add_repetition_penalty(metadata: Any, folder: Path) -> None:
    """Under its name in transformers, which newer versions of the `gguf` package know."""
    if metadata.sampling_penalty_repeat is None:
        found = gguf.Metadata.load_generation_config(folder).get("repetition_penalty")
        metadata.sampling_penalty_repeat = found


def _name_after_repository(metadata: Any, checkpoint: Checkpoint, total: int) -> None:
    """In a cache of the Hub the folder is named after a commit, which is no name for a model."""
    commit = checkpoint.folder.name
    guess = gguf.Metadata.get_model_id_components(checkpoint.model_id, total)
    full, _, basename, finetune, version, size_label = guess
    if metadata.name == gguf.Metadata.id_to_title(commit):
        metadata.name = gguf.Metadata.id_to_title(full)
    found = {
        "basename": basename, "finetune": finetune, "version": version, "size_label": size_label,
    }  # fmt: skip
    for key, value in found.items():
        if getattr(metadata, key) in (None, commit):
            setattr(metadata, key, value)


def _count(tensors: Named) -> tuple[int, int, int, int]:
    """Weights: all, outside of experts, of one expert; and experts of a layer.

    Source: https://github.com/ggml-org/llama.cpp/blob/gguf-v0.19.0/gguf-py/gguf/gguf_writer.py
    (`get_total_parameter_count`)
    """
    total = shared = expert = 0
    counts: list[int] = []
    for name, shape in tensors:
        size = math.prod(shape)
        total += size
        if "_exps." in name and len(shape) >= 3:
            counts.append(shape[-2 if ".bias" in name else -3])
            expert += size // counts[-1]
        else:
            shared += size
    return total, shared, expert, sum(counts) // len(counts) if counts else 0
