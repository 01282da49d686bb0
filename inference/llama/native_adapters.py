"""Adapters on a loaded model."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from typing import Any

import llama_cpp.llama_cpp as llama

from inference.engine import Adapter
from inference.errors import AdapterFailed
from inference.llama.native_log import NativeLog


def set_adapters(model: int, context: int, adapters: Sequence[Adapter], log: NativeLog) -> None:
    """Let a context compute with adapters; they live as long as the model.

    Raises:
        AdapterFailed: llama.cpp refuses one.
    """
    if not adapters:
        return
    n = len(adapters)
    handles = (llama.llama_adapter_lora_p_ctypes * n)(
        *(_loaded(model, adapter, log) for adapter in adapters)
    )
    scales = (ctypes.c_float * n)(*(adapter.scale for adapter in adapters))
    if llama.llama_set_adapters_lora(context, handles, n, scales):
        names = ", ".join(adapter.path.name for adapter in adapters)
        raise _failed(f"{names}: llama.cpp could not use them together.")


def _loaded(model: int, adapter: Adapter, log: NativeLog) -> Any:
    handle = llama.llama_adapter_lora_init(model, os.fsencode(adapter.path))
    if not handle:
        words = next((line for line in log.lines if "lora adapter: " in line), "")
        reason = words.partition("lora adapter: ")[2] or "llama.cpp refused it"
        raise _failed(f"{adapter.path.name}: {reason}.")
    return handle


def _failed(detail: str) -> AdapterFailed:
    return AdapterFailed(
        "The adapter could not be loaded", detail, "Choose another adapter, or go on without it."
    )
