"""Small generated checkpoints, one for each family that Conclave converts.

`config.json`, names and shapes are a real repository's, with small numbers; weights come from a
seed and are the same on every machine. Nothing here is taken from the converters under test.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import deepseek, dense, ernie, gemma, gpt_oss, mixtures, variants, weights
from .recipe import Json, Recipe
from .weights import Stored

RECIPES: dict[str, Recipe] = {
    **dense.recipes(),
    **gemma.recipes(),
    **mixtures.recipes(),
    **gpt_oss.recipes(),
    **deepseek.recipes(),
    **ernie.recipes(),
    **variants.recipes(),
}
_WIDTHS = {"I64": 8, "I32": 4, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "U8": 1}


def write_checkpoint(parent: Path, family: str) -> Path:
    """Write the checkpoint of `family` into a folder of its own below `parent`."""
    recipe = RECIPES[family]
    folder = parent / recipe.folder
    folder.mkdir(parents=True)
    _write(folder / "config.json", recipe.config)
    if recipe.generation:
        _write(folder / "generation_config.json", recipe.generation)
    if recipe.card:
        _write(folder / "README.md", recipe.card)
    for name, content in recipe.tokenizer.files().items():
        _write(folder / name, content)
    write_tensors(folder, stored_tensors(family), recipe.n_shards)
    return folder


def stored_tensors(family: str) -> dict[str, Stored]:
    """The tensors of a family's checkpoint as they are stored, by name."""
    recipe = RECIPES[family]
    embedding = 0.19 if recipe.is_tied else 1.7
    tensors: dict[str, Stored] = {}
    for name, shape in recipe.shapes.items():
        if recipe.fp8 and _is_eight_bit(name):
            codes, scales = weights.fp8_blocks(family, name, shape, recipe.fp8_power_of_two)
            tensors |= {name: codes, f"{name}_scale_inv": scales}
        elif recipe.mxfp4 and _is_packed(name):
            codes, scales = weights.mxfp4(family, name, shape)
            tensors |= {f"{name}_blocks": codes, f"{name}_scales": scales}
        else:
            dtype = "F32" if name.endswith(recipe.float32) else recipe.dtype
            drawn = weights.draw(family, name, shape, embedding)
            tensors[name] = weights.store(drawn, dtype)
    return tensors


def values(family: str) -> dict[str, NDArray[np.float32]]:
    """What the checkpoint means: float32 arrays by the names of an unpacked checkpoint."""
    tensors = stored_tensors(family)
    result: dict[str, NDArray[np.float32]] = {}
    for name, tensor in tensors.items():
        if tensor.dtype == "F8_E4M3":
            result[name] = weights.fp8_values(tensor, tensors[f"{name}_scale_inv"])
        elif name.endswith("_blocks"):
            plain = name.removesuffix("_blocks")
            unpacked = weights.mxfp4_values(tensor, tensors[f"{plain}_scales"])
            # transformers keeps (expert, in, out).
            result[plain] = np.ascontiguousarray(unpacked.transpose(0, 2, 1))
        elif not name.endswith(("_scale_inv", "_scales")):
            result[name] = weights.load(tensor)
    return result


def write_tensors(folder: Path, tensors: dict[str, Stored], n_shards: int = 1) -> None:
    """Write `model.safetensors`, or shards of about equal numbers of tensors with their index."""
    if n_shards == 1:
        _serialize(folder / "model.safetensors", tensors)
        return
    names = list(tensors)
    a_shard = math.ceil(len(names) / n_shards)
    weight_map: dict[str, str] = {}
    for number in range(n_shards):
        part = names[number * a_shard : (number + 1) * a_shard]
        file = f"model-{number + 1:05}-of-{n_shards:05}.safetensors"
        _serialize(folder / file, {name: tensors[name] for name in part})
        weight_map |= dict.fromkeys(part, file)
    total = sum(len(tensor.data) for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    _write(folder / "model.safetensors.index.json", index)


def _serialize(path: Path, tensors: dict[str, Stored]) -> None:
    """Write a safetensors file as the reference library does: wide values first, then by name.

    Source: https://github.com/huggingface/safetensors/blob/v0.5.3/README.md#format
    """
    header: Json = {"__metadata__": {"format": "pt"}}
    names = sorted(tensors, key=lambda name: (-_WIDTHS[tensors[name].dtype], name))
    start = 0
    for name in names:
        tensor = tensors[name]
        end = start + len(tensor.data)
        header[name] = {
            "dtype": tensor.dtype,
            "shape": tensor.shape,
            "data_offsets": [start, end],
        }
        start = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    parts = [len(text).to_bytes(8, "little"), text, *(tensors[name].data for name in names)]
    path.write_bytes(b"".join(parts))


def _write(path: Path, content: Any) -> None:
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    else:
        text = json.dumps(content, indent=2, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def _is_eight_bit(name: str) -> bool:
    """Projections are FP8; embeddings, norms, routers and heads are not."""
    is_projection = name.endswith("_proj.weight") and "eh_proj" not in name
    return is_projection or "_with_mqa" in name


def _is_packed(name: str) -> bool:
    return name.endswith(("experts.gate_up_proj", "experts.down_proj"))
