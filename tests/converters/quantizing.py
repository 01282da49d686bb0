"""llama.cpp's own quantization, the reference of what Conclave quantizes.

Bytes of K-quants hold for one build of libggml only, since a compiler may contract a product and a
sum into one step; so they are not stored but made anew, by `llama_model_quantize` of the same
build. Run as a module, this file is the child that does it.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import gguf

from tests.converters.tiny_checkpoints import RECIPES

QUANTIZED = {
    "Q4_K_M": gguf.LlamaFileType.MOSTLY_Q4_K_M,
    "Q6_K": gguf.LlamaFileType.MOSTLY_Q6_K,
}
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
) -> Path:
    """Run `llama_model_quantize` in a child process; `tensor_types` maps patterns to types."""
    order = {
        "source": str(source),
        "target": str(target),
        "file_type": int(file_type),
        "tensor_types": {name: int(kind) for name, kind in (tensor_types or {}).items()},
        "allow_requantize": allow_requantize,
    }
    command = [sys.executable, "-m", __name__, json.dumps(order)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    if done.returncode:
        raise AssertionError(f"llama.cpp did not quantize: {done.stderr.decode()[-3000:]}")
    return target


def _run(order: dict[str, Any]) -> int:
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
    source, target = os.fsencode(order["source"]), os.fsencode(order["target"])
    return int(llama.llama_model_quantize(source, target, ctypes.byref(params)))


if __name__ == "__main__":
    sys.exit(_run(json.loads(sys.argv[1])))
