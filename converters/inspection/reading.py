"""Reads what is inspected: a GGUF file, a safetensors file, a checkpoint's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gguf import GGMLQuantizationType

from converters.checkpoint import Checkpoint
from converters.checkpoint.checkpoint import CONFIG, read_json_object
from converters.checkpoint.safetensors_file import SafetensorsFile, StoredTensor
from converters.inspection.inspected import Inspected, TensorLine
from inference.gguf_header import GgufHeader, TensorInfo, read_header

_PACKED_FP4 = 2
_EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts")
_EXPERTS_USED = ("num_experts_per_tok", "num_experts_per_token", "experts_per_token")


def inspect(path: Path) -> Inspected:
    """Read what a file or folder says about itself.

    Raises:
        ModelError: A GGUF file cannot be read.
        CheckpointError: A checkpoint cannot be read.
    """
    if path.is_dir():
        return _of_checkpoint(path, Checkpoint.open(path))
    if path.suffix == ".safetensors":
        return _of_single_file(path)
    return _of_gguf(read_header(path))


def _of_gguf(header: GgufHeader) -> Inspected:
    return Inspected(
        header.path,
        "GGUF",
        header.architecture,
        header.metadata,
        tuple(map(_gguf_line, header.tensors)),
        header.arch_number("expert_count"),
        header.arch_number("expert_used_count"),
        header.text("tokenizer.chat_template"),
    )


def _gguf_line(tensor: TensorInfo) -> TensorLine:
    try:
        type_name = GGMLQuantizationType(tensor.type_id).name
    except ValueError:
        type_name = f"type {tensor.type_id}"
    return TensorLine(tensor.name, tensor.shape[::-1], type_name, tensor.n_bytes, tensor.n_elements)


def _of_checkpoint(path: Path, checkpoint: Checkpoint) -> Inspected:
    try:
        tensors = tuple(map(_stored_line, checkpoint.tensors.values()))
    finally:
        checkpoint.close()
    return _of_tensors(path, checkpoint.folder, checkpoint.config, tensors)


def _of_single_file(path: Path) -> Inspected:
    """One file of a checkpoint, or one that stands alone."""
    config_path = path.parent / CONFIG
    config = read_json_object(config_path) if config_path.is_file() else {}
    tensors = tuple(map(_stored_line, SafetensorsFile(path).tensors.values()))
    return _of_tensors(path, path.parent, config, tensors)


def _of_tensors(
    path: Path, folder: Path, config: Mapping[str, Any], tensors: tuple[TensorLine, ...]
) -> Inspected:
    text_config = config.get("text_config")
    inner = {**config, **text_config} if isinstance(text_config, Mapping) else config
    names = inner.get("architectures") or config.get("architectures") or [""]
    return Inspected(
        path,
        "safetensors",
        str(names[0]) or str(inner.get("model_type", "")),
        config,
        tensors,
        _first_number(inner, _EXPERTS),
        _first_number(inner, _EXPERTS_USED),
        _chat_template(folder),
    )


def _first_number(config: Mapping[str, Any], keys: tuple[str, ...]) -> int:
    return next((value for key in keys if isinstance(value := config.get(key), int)), 0)


def _stored_line(tensor: StoredTensor) -> TensorLine:
    n_weights = 1
    for dimension in tensor.shape:
        n_weights *= dimension
    if tensor.dtype == "U8" and tensor.name.endswith("_blocks"):
        n_weights *= _PACKED_FP4
    return TensorLine(tensor.name, tensor.shape, tensor.dtype, tensor.n_bytes, n_weights)


def _chat_template(folder: Path) -> str:
    """The template from where checkpoints have it; empty where there is none that can be read."""
    alone = folder / "chat_template.jinja"
    if alone.is_file():
        return alone.read_text(encoding="utf-8", errors="replace")
    for name in ("chat_template.json", "tokenizer_config.json"):
        try:
            found = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        template = found.get("chat_template") if isinstance(found, dict) else None
        if isinstance(template, str):
            return template
    return ""
