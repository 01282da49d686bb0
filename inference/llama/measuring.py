"""llama.cpp's own figures for a placement, before any weight is read.

A model and a context are made without memory behind them; what llama.cpp would allocate for
computing, and the size of the cache, then stand in its log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import llama_cpp.llama_cpp as llama

from inference.llama.devices import FoundDevice
from inference.llama.loading import PlacedModel
from inference.llama.native_log import NativeLog
from inference.memory.placement import SYSTEM

_MIB = 1 << 20
_COMPUTE = re.compile(r"(\S+) compute buffer size = +([\d.]+) MiB")
_CACHE = re.compile(r"llama_(?:kv_cache|memory_recurrent): size = +([\d.]+) MiB")


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes of compute buffers by device, and of the whole cache."""

    compute_bytes: dict[str, int]
    cache_bytes: int


def measure(
    model: PlacedModel,
    context: llama.llama_context_params,
    devices: Sequence[FoundDevice],
    log: NativeLog,
) -> Measured | None:
    """What llama.cpp would allocate; None where it refuses the model or the context."""
    with log.recording() as lines:
        handle = model.load_without_weights()
        if handle is None:
            return None
        made = llama.llama_init_from_model(handle, context)
        if made:
            llama.llama_free(made)
        llama.llama_model_free(handle)
    return read_sizes(lines, {found.buffer_name: found.device.name for found in devices}, made)


def read_sizes(
    lines: Iterable[str], names: dict[str, str], complete: object = True
) -> Measured | None:
    """The figures in llama.cpp's log.

    Args:
        lines: The log.
        names: Names of devices by the names of their buffers; all else is system memory.
        complete: Whether the context was made.
    """
    if not complete:
        return None
    compute: dict[str, int] = {}
    cache = 0
    for line in lines:
        if found := _COMPUTE.search(line):
            name = names.get(found[1], SYSTEM)
            compute[name] = compute.get(name, 0) + round(float(found[2]) * _MIB)
        elif found := _CACHE.search(line):
            cache += round(float(found[1]) * _MIB)
    return Measured(compute, cache)
