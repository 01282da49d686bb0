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


class NativeAdapters:
    """The adapters of one model; they live as long as it does.

    Raises:
        AdapterFailed: llama.cpp refuses one.
    """

    def __init__(self, model: int, adapters: Sequence[Adapter], log: NativeLog) -> None:
        self._names = ", ".join(adapter.path.name for adapter in adapters)
        n = len(adapters)
        self._handles = (llama.llama_adapter_lora_p_ctypes * n)(
            *(_loaded(model, adapter, log) for adapter in adapters)
        )
        self._scales = (ctypes.c_float * n)(*(adapter.scale for adapter in adapters))

    def set_on(self, context: int) -> None:
        """Let a context compute with them.

        Raises:
            AdapterFailed: They cannot be used together.
        """
        n = len(self._handles)
        if n and llama.llama_set_adapters_lora(context, self._handles, n, self._scales):
            raise _failed(f"{self._names}: llama.cpp could not use them together.")


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
