"""Which form the tensors of a checkpoint have, by its `quantization_config`.

Scales and other companions disappear here: what leaves this module has one source for each weight.
Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/base.py, `dequant_model`)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from converters.checkpoint import Checkpoint, StoredTensor
from converters.errors import DamagedCheckpoint, UnsupportedNumbers
from converters.numbers.int4 import PackedInt4
from converters.numbers.mxfp4 import Mxfp4
from converters.numbers.plain import Plain
from converters.numbers.scaled import Scaled
from converters.tensors import TensorSource

Stored = Mapping[str, StoredTensor]
Sources = dict[str, TensorSource]

_FP8_UNUSED = (
    ".activation_scale", "_activation_scale", ".qscale_act", ".input_scale", ".input_scale_ub",
    ".k_scale", ".v_scale",
)  # fmt: skip
_FP8_SCALES = ("_scale_inv", ".weight_scale", ".qscale_weight")
"""Of blocks, as DeepSeek has them; of the whole tensor or of rows; Mistral's own."""
_MODELOPT_UNUSED = (".input_scale", ".k_scale", ".v_scale")


def read_sources(checkpoint: Checkpoint) -> Sources:
    """A source for each weight, in the checkpoint's order.

    Raises:
        UnsupportedNumbers: The form is none that can be read.
        DamagedCheckpoint: A companion of a weight is missing.
    """
    config = checkpoint.config.get("quantization_config")
    if not isinstance(config, Mapping):
        text_config = checkpoint.config.get("text_config")
        config = (
            text_config.get("quantization_config") if isinstance(text_config, Mapping) else None
        )
    method = config.get("quant_method") if isinstance(config, Mapping) else None
    if config is None or method is None:
        return {name: Plain(stored) for name, stored in checkpoint.tensors.items()}
    reader = _METHODS.get(str(method))
    if reader is None:
        raise _unsupported(f"quant_method is {method!r}")
    return reader(checkpoint.tensors, config)


def _fp8(stored: Stored, config: Mapping[str, Any]) -> Sources:
    block = config.get("weight_block_size")
    sources: Sources = {}
    for name, tensor in stored.items():
        if name.endswith((*_FP8_UNUSED, *_FP8_SCALES)):
            continue
        module = name.removesuffix(".weight")
        names = (f"{name}_scale_inv", f"{module}.weight_scale", f"{module}.qscale_weight")
        scale = next((stored[found] for found in names if found in stored), None)
        sources[name] = Scaled(tensor, scale, block) if scale else _unscaled(tensor)
    _check_scales(stored, sources, ("_scale_inv", "_scale"))
    return sources


def _fbgemm(stored: Stored, _config: Mapping[str, Any]) -> Sources:
    """A scale for each row, as Llama 3.1 405B is published."""
    return _weight_scales(stored, _FP8_UNUSED)


def _weight_scales(
    stored: Stored, unused: tuple[str, ...], block: list[int] | None = None
) -> Sources:
    """Weights whose scale is called `weight_scale`."""
    sources: Sources = {}
    for name, tensor in stored.items():
        if name.endswith((".weight_scale", *unused)):
            continue
        scale = stored.get(f"{name}_scale") if name.endswith(".weight") else None
        sources[name] = Scaled(tensor, scale, block) if scale else _unscaled(tensor)
    _check_scales(stored, sources, ("_scale",))
    return sources


def _modelopt(stored: Stored, config: Mapping[str, Any]) -> Sources:
    if config.get("quant_algo") not in (None, "FP8"):
        raise _unsupported(f"quant_algo is {config.get('quant_algo')!r}")
    return _weight_scales(stored, _MODELOPT_UNUSED)


def _compressed_tensors(stored: Stored, config: Mapping[str, Any]) -> Sources:
    groups = config.get("config_groups")
    if not isinstance(groups, Mapping) or len(groups) != 1:
        raise _unsupported("config_groups are not one group")
    (group,) = groups.values()
    weights = group.get("weights") if isinstance(group, Mapping) else None
    if not isinstance(weights, Mapping):
        raise _unsupported("its group says nothing of weights")
    form = config.get("format")
    if form in ("float-quantized", "int-quantized", "naive-quantized"):
        if weights.get("strategy") not in ("tensor", "channel", "block"):
            raise _unsupported(f"strategy is {weights.get('strategy')!r}")
        return _weight_scales(stored, _MODELOPT_UNUSED, weights.get("block_structure"))
    if form == "pack-quantized":
        return _pack_quantized(stored, weights)
    raise _unsupported(f"format is {form!r}")


def _pack_quantized(stored: Stored, weights: Mapping[str, Any]) -> Sources:
    group_size = weights.get("group_size")
    known = weights.get("num_bits") == 4 and weights.get("strategy") == "group"
    if not known or weights.get("type", "int") != "int" or type(group_size) is not int:
        raise _unsupported(f"weights are packed as {dict(weights)}")
    ends = ("_packed", "_scale", "_shape", "_zero_point", "_g_idx")
    sources: Sources = {
        name: Plain(tensor) for name, tensor in stored.items() if not name.endswith(ends)
    }
    for name, tensor in stored.items():
        if not name.endswith(".weight_packed"):
            continue
        base = name.removesuffix("_packed")
        if f"{base}_g_idx" in stored:
            raise _unsupported(f"{base} has its groups in another order")
        scale, shape = stored.get(f"{base}_scale"), stored.get(f"{base}_shape")
        if scale is None or shape is None:
            raise _missing_companion(name, f"{base}_scale or {base}_shape")
        zero_point = stored.get(f"{base}_zero_point")
        sources[base] = PackedInt4(tensor, scale, shape, group_size, zero_point)
    return sources


def _mxfp4(stored: Stored, _config: Mapping[str, Any]) -> Sources:
    """Blocks and scales of MXFP4, as gpt-oss is published; each has the name of the two."""
    sources: Sources = {}
    for name, tensor in stored.items():
        base = name.removesuffix("_scales").removesuffix("_blocks")
        blocks, scales = stored.get(f"{base}_blocks"), stored.get(f"{base}_scales")
        if blocks is not None and scales is not None:
            sources[base] = Mxfp4(blocks, scales)
        elif base != name:
            raise _missing_companion(name, f"{base}_{'scales' if blocks else 'blocks'}")
        else:
            sources[name] = Plain(tensor)
    return sources


def _unscaled(tensor: StoredTensor) -> TensorSource:
    if tensor.dtype.startswith("F8_"):
        raise _missing_companion(tensor.name, "its scale")
    return Plain(tensor)


def _check_scales(stored: Stored, sources: Sources, endings: tuple[str, ...]) -> None:
    for name in stored:
        for ending in endings:
            base = name.removesuffix(ending)
            if name.endswith(f".weight{ending}") and base not in sources:
                raise _missing_companion(name, base)


def _missing_companion(name: str, companion: str) -> DamagedCheckpoint:
    return DamagedCheckpoint(
        "The checkpoint is incomplete",
        f"{name} is there, {companion} is not.",
        "Download the checkpoint again.",
    )


def _unsupported(problem: str) -> UnsupportedNumbers:
    return UnsupportedNumbers(
        "Weights of this form cannot be read",
        f"In its quantization_config, {problem}.",
        "Choose another version of the model, for instance the original in BF16.",
    )


_METHODS: dict[str, Callable[[Stored, Mapping[str, Any]], Sources]] = {
    "fp8": _fp8,
    "fbgemm_fp8": _fbgemm,
    "mxfp4": _mxfp4,
    "modelopt": _modelopt,
    "compressed-tensors": _compressed_tensors,
}
