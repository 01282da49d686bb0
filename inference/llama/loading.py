"""llama.cpp's parameters for a placement: which devices, how many layers, which experts where."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence

import llama_cpp.llama_cpp as llama

from inference.engine import ModelParams
from inference.errors import ModelLoadFailed
from inference.llama.devices import FoundDevice
from inference.memory.attention_memory import KV_TYPES
from inference.memory.model_memory import EXPERTS_PATTERN
from inference.memory.placement import Placement
from inference.threads import default_n_threads

LOAD_WITHOUT_MAPPING = 0
FLASH_ATTENTION = {
    "auto": llama.LLAMA_FLASH_ATTN_TYPE_AUTO,
    "on": llama.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    "off": llama.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}
_NO_TENSOR = "^$"
"""On several devices an override of any kind keeps llama.cpp from pipelining batches, for which it
would hold each compute buffer several times; one conversation has no batches to pipeline."""


class _BufferOverride(ctypes.Structure):
    # Source: struct llama_model_tensor_buft_override in include/llama.h.
    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def context_params(params: ModelParams, n_ctx: int) -> llama.llama_context_params:
    """The context's parameters; the same ones are measured and made.

    Raises:
        ModelLoadFailed: There is no such type of KV cache, or choice of flash attention.
    """
    if params.kv_type not in KV_TYPES:
        raise ModelLoadFailed(
            "The model's context could not be made",
            f"There is no KV cache of type {params.kv_type!r}.",
            f"Choose one of {', '.join(KV_TYPES)}.",
        )
    if params.flash_attention not in FLASH_ATTENTION:
        raise ModelLoadFailed(
            "The model's context could not be made",
            f"Flash attention cannot be {params.flash_attention!r}.",
            f"Choose one of {', '.join(FLASH_ATTENTION)}.",
        )
    native = llama.llama_context_default_params()
    native.n_ctx = n_ctx
    native.n_batch = native.n_ubatch = params.step_tokens
    native.n_threads = native.n_threads_batch = params.n_threads or default_n_threads()
    native.type_k = native.type_v = int(KV_TYPES[params.kv_type])
    native.flash_attn_type = FLASH_ATTENTION[params.flash_attention]
    native.no_perf = True
    return native


class PlacedModel:
    """Loads a model by a placement; keeps what llama.cpp only borrows."""

    def __init__(
        self,
        params: ModelParams,
        placement: Placement,
        devices: Sequence[FoundDevice],
        system_buffer_type: int,
    ) -> None:
        self._path = os.fsencode(params.path)
        used = [
            (found, share.n_layers)
            for found, share in zip(devices, placement.devices, strict=True)
            if share.n_layers
        ]
        self._handles = (ctypes.c_void_p * (len(used) + 1))(*(found.handle for found, _ in used))
        n_places = max(int(llama.llama_max_devices()), len(used))
        self._split = (ctypes.c_float * n_places)(*(n_layers for _, n_layers in used))
        self._overrides = (_BufferOverride * 2)()
        pattern = _NO_TENSOR
        if placement.experts_in_memory:
            layers = "|".join(str(layer) for layer in placement.experts_in_memory)
            pattern = rf"^blk\.({layers}){EXPERTS_PATTERN}"
        self._overrides[0] = _BufferOverride(pattern.encode(), system_buffer_type)
        self.native = llama.llama_model_default_params()
        self.native.n_gpu_layers = placement.n_gpu_layers
        self.native.devices = ctypes.cast(self._handles, ctypes.c_void_p)
        self.native.tensor_split = ctypes.cast(self._split, ctypes.POINTER(ctypes.c_float))
        if placement.experts_in_memory or len(used) > 1:
            self.native.tensor_buft_overrides = ctypes.cast(self._overrides, ctypes.c_void_p)

    def load(self) -> int | None:
        """Load; returns the model's handle, None where llama.cpp refuses it."""
        return llama.llama_model_load_from_file(self._path, self.native) or None

    def load_without_weights(self) -> int | None:
        """Load all but the weights, in about a tenth of a second."""
        self.native.no_alloc = True
        self.native.load_mode = LOAD_WITHOUT_MAPPING
        return self.load()
