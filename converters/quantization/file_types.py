"""The types of files that people ask for, and what llama.cpp's converter makes of each tensor.

The mixes of `llama-quantize` are not described here: llama.cpp itself is asked, see `mixes`.
"""

from __future__ import annotations

import difflib

import gguf
from gguf import GGMLQuantizationType, LlamaFileType

from converters.errors import BadType

_ALIASES = {"Q3_K": "Q3_K_M", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M"}
_PREFIXES = ("MOSTLY_", "ALL_")
_NOT_OFFERED = ("GUESSED", "MOSTLY_NVFP4", "MOSTLY_Q1_0")


def _plain_name(file_type: LlamaFileType) -> str:
    name = str(file_type.name)
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


FILE_TYPES: dict[str, LlamaFileType] = {
    _plain_name(found): found for found in LlamaFileType if found.name not in _NOT_OFFERED
}
"""By name, without aliases."""

AS_CONVERTED = {
    LlamaFileType.ALL_F32: GGMLQuantizationType.F32,
    LlamaFileType.MOSTLY_F16: GGMLQuantizationType.F16,
    LlamaFileType.MOSTLY_BF16: GGMLQuantizationType.BF16,
    LlamaFileType.MOSTLY_Q8_0: GGMLQuantizationType.Q8_0,
}
"""Types of files that llama.cpp's converter writes itself, and what most of their tensors are."""

_ALWAYS_F32 = frozenset(
    gguf.TENSOR_NAMES[tensor]
    for tensor in (
        gguf.MODEL_TENSOR.FFN_GATE_INP,
        gguf.MODEL_TENSOR.FFN_GATE_INP_SHEXP,
        gguf.MODEL_TENSOR.POS_EMBD,
        gguf.MODEL_TENSOR.TOKEN_TYPES,
        gguf.MODEL_TENSOR.SSM_CONV1D,
        gguf.MODEL_TENSOR.SHORTCONV_CONV,
        gguf.MODEL_TENSOR.INDEXER_PROJ,
    )
)


def file_type_named(name: str) -> LlamaFileType:
    """The type of file of this name, in any case.

    Raises:
        BadType: There is none.
    """
    upper = name.upper()
    found = FILE_TYPES.get(_ALIASES.get(upper, upper))
    if found is None:
        raise _bad_type(name, [*FILE_TYPES, *_ALIASES])
    return found


def tensor_type_named(name: str) -> GGMLQuantizationType:
    """The type of a tensor of this name, in any case.

    Raises:
        BadType: There is none that weights can be stored in.
    """
    from converters.quantization.ggml import QUANTIZABLE

    by_name = {found.name: found for found in QUANTIZABLE}
    if name.upper() not in by_name:
        raise _bad_type(name, sorted(by_name))
    return by_name[name.upper()]


def converted_type(
    name: str, shape: tuple[int, ...], wanted: GGMLQuantizationType
) -> GGMLQuantizationType:
    """The type that llama.cpp's converter gives a tensor.

    Args:
        name: Its name in GGUF.
        shape: In numpy's order.
        wanted: What most tensors shall be: F32, F16, BF16 or Q8_0.

    Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
    conversion/base.py, `prepare_tensors`)
    """
    if len(shape) <= 1 or name.endswith("_norm.weight") or not name.endswith(".weight"):
        return GGMLQuantizationType.F32
    if _without_layer(name.removesuffix(".weight")) in _ALWAYS_F32:
        return GGMLQuantizationType.F32
    block, _ = gguf.GGML_QUANT_SIZES[wanted]
    return wanted if shape[-1] % block == 0 else GGMLQuantizationType.F16


def _without_layer(name: str) -> str:
    """`blk.3.x` as the `gguf` package writes it for all layers: `blk.{bid}.x`."""
    first, _, rest = name.partition(".")
    layer, _, kind = rest.partition(".")
    return f"{first}.{{bid}}.{kind}" if layer.isdecimal() else name


def _bad_type(name: str, known: list[str]) -> BadType:
    nearest = difflib.get_close_matches(name.upper(), known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(nearest)}? " if nearest else ""
    return BadType(
        "There is no such type", f"{name!r} is none.", f"{hint}Types are {', '.join(known)}."
    )
