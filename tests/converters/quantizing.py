"""llama.cpp's own quantization, the reference of what Conclave quantizes.

Bytes of K-quants hold for one build of libggml only, since a compiler may contract a product and a
sum into one step; so they are not stored but made anew, by `llama_model_quantize` of the same
build.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from tests.converters.reference_process import REFERENCE
from tests.converters.tiny_checkpoints import RECIPES

QUANTIZED = {
    "Q4_K_M": gguf.LlamaFileType.MOSTLY_Q4_K_M,
    "Q6_K": gguf.LlamaFileType.MOSTLY_Q6_K,
}
_Floats = ctypes.POINTER(ctypes.c_float)
_PACKED_EXPERTS = r"ffn_(gate|up|down)_exps\.weight"


def source_kind(family: str) -> str:
    """From which of upstream's files it is quantized: FP8 is rounded to BF16 first."""
    return "bf16" if RECIPES[family].fp8 else "f32"


def quantize_family(source: Path, target: Path, family: str, kind: str) -> Path:
    """Quantize a family's file as `llama-quantize` does; packed MXFP4 experts stay as they are.

    Without that exception llama.cpp refuses: "requantizing from type mxfp4 is disabled".
    """
    packed = {_PACKED_EXPERTS: gguf.GGMLQuantizationType.MXFP4} if RECIPES[family].mxfp4 else {}
    return quantize(source, target, QUANTIZED[kind], packed)


def quantize(
    source: Path,
    target: Path,
    file_type: gguf.LlamaFileType,
    tensor_types: dict[str, gguf.GGMLQuantizationType] | None = None,
    allow_requantize: bool = False,
    importances: Mapping[str, NDArray[np.float32]] | None = None,
    notes: Mapping[str, str | int] | None = None,
) -> Path:
    """Run `llama_model_quantize` in llama.cpp's process.

    Args:
        source: The model.
        target: The result.
        file_type: The mix.
        tensor_types: Patterns and types.
        allow_requantize: Whether weights that are quantized already may be quantized again.
        importances: Of the columns of each tensor, as `llama-quantize` makes them of its file.
        notes: Keys that it writes into the result.
    """
    means = target.with_suffix(".npz")
    if importances:
        np.savez(means, **importances)  # type: ignore[arg-type]
    order = {
        "source": str(source),
        "target": str(target),
        "file_type": int(file_type),
        "tensor_types": {name: int(kind) for name, kind in (tensor_types or {}).items()},
        "allow_requantize": allow_requantize,
        "importances": str(means) if importances else "",
        "notes": dict(notes or {}),
    }
    status = REFERENCE.call(__name__, "run", order=order)
    assert status == 0, f"llama.cpp did not quantize {source.name}: {status}"
    return target


def run(order: dict[str, Any]) -> int:
    """`llama_model_quantize`; returns its status."""
    import llama_cpp.llama_cpp as llama

    params = llama.llama_model_quantize_default_params()
    params.nthread = 1
    params.ftype = order["file_type"]
    params.allow_requantize = order["allow_requantize"]
    overrides = [(name.encode(), kind) for name, kind in order["tensor_types"].items()]
    # The list ends with an empty pattern.
    array = (llama.llama_model_tensor_override * (len(overrides) + 1))(*overrides)
    if overrides:
        params.tt_overrides = array
    if order["importances"]:
        with np.load(order["importances"]) as stored:
            importances = [(name.encode(), stored[name]) for name in stored.files]
        params.imatrix = (llama.llama_model_imatrix_data * (len(importances) + 1))(
            *((name, means.ctypes.data_as(_Floats), means.size) for name, means in importances)
        )
    if order["notes"]:
        params.kv_overrides = _overrides(llama, order["notes"])
    source, target = os.fsencode(order["source"]), os.fsencode(order["target"])
    return int(llama.llama_model_quantize(source, target, ctypes.byref(params)))


def _overrides(llama: Any, notes: Mapping[str, str | int]) -> Any:
    array = (llama.llama_model_kv_override * (len(notes) + 1))()  # ends with an empty key
    for place, (key, value) in zip(array, notes.items(), strict=False):
        place.key = key.encode()
        if isinstance(value, int):
            place.tag, place.value.val_i64 = llama.LLAMA_KV_OVERRIDE_TYPE_INT, value
        else:
            place.tag, place.value.val_str = llama.LLAMA_KV_OVERRIDE_TYPE_STR, value.encode()
    return array
