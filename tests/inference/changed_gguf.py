"""Copies of model files with something changed, made with the reference reader and writer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np

Values = np.ndarray[Any, np.dtype[Any]]


def changed_copy(
    source: Path,
    target: Path,
    *,
    keys: Mapping[str, str | int | bool] | None = None,
    without_keys: Collection[str] = (),
    without_tensors: Collection[str] = (),
    tensors: Mapping[str, Values] | None = None,
) -> Path:
    """A copy with other values under `keys`, without some keys and tensors, with other tensors."""
    reader = gguf.GGUFReader(source)
    changed = dict(keys or {})
    architecture = str(changed.pop("general.architecture", "llama"))
    writer = gguf.GGUFWriter(target, architecture)
    left_out = {"general.architecture", *changed, *without_keys}
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key in left_out:
            continue
        kind = field.types[0]
        item = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(key, field.contents(), kind, item)
    for key, value in changed.items():
        is_number = isinstance(value, int) and not isinstance(value, bool)
        kind = gguf.GGUFValueType.UINT32 if is_number else gguf.GGUFValueType.get_type(value)
        writer.add_key_value(key, value, kind)
    for tensor in reader.tensors:
        if tensor.name in without_tensors or tensor.name in (tensors or {}):
            continue
        writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    for name, values in (tensors or {}).items():
        writer.add_tensor(name, values)
    _written(writer)
    return target


def write_adapter(
    path: Path,
    changes: Mapping[str, tuple[Values, Values]],
    architecture: str = "llama",
    alpha: float = 4.0,
) -> Path:
    """A LoRA adapter: for each weight A of shape (rank, n_in) and B of shape (n_out, rank)."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for name, (a, b) in changes.items():
        writer.add_tensor(f"{name}.lora_a", a)
        writer.add_tensor(f"{name}.lora_b", b)
    _written(writer)
    return path


def _written(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
