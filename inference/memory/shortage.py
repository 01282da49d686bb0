"""What is said when a model does not fit: the numbers, and what would fit instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inference.errors import ModelTooLarge
from inference.gguf_header import GgufHeader
from inference.memory.attention_memory import CELL_PADDING
from inference.memory.context_length import MIN_N_CTX
from inference.memory.model_memory import model_memory
from inference.memory.placement import Device, Placement, PlanOptions, gigabytes, plan

SMALLER_KV_TYPES = ("q8_0", "q4_0")
MIN_BITS = 2.0


def check_fits(
    header: GgufHeader, options: PlanOptions, devices: Sequence[Device], placement: Placement
) -> None:
    """Refuse a placement that does not fit.

    Raises:
        ModelTooLarge: With what is needed, what is free, and the largest context, the KV type or
            the quantization that would fit.
    """
    if placement.fits:
        return
    memory = model_memory(header, options.cache)
    compute = placement.total_bytes - memory.weights - memory.cache
    free = options.system_free_bytes + sum(
        device.free_bytes for device in devices if not device.shares_system_memory
    )
    raise ModelTooLarge(
        "This model is too large for this computer",
        f"{header.path.name} needs about {gigabytes(placement.total_bytes)} (weights "
        f"{gigabytes(memory.weights)}, {options.cache.n_ctx:,} tokens of context "
        f"{gigabytes(memory.cache)}, working memory {gigabytes(max(0, compute))}); "
        f"{gigabytes(free)} are free.",
        " ".join(_ways_out(header, options, devices, free)),
    )


def _ways_out(
    header: GgufHeader, options: PlanOptions, devices: Sequence[Device], free: int
) -> list[str]:
    ways = []
    if n_ctx := largest_n_ctx(header, options, devices):
        ways.append(f"A context of {n_ctx:,} tokens would fit.")
    if kv_type := largest_kv_type(header, options, devices):
        ways.append(f"The whole context would fit with a KV cache of type {kv_type}.")
    if not ways and (bits := _bits_that_fit(header, options, free)):
        ways.append(f"A quantization of at most {bits:.1f} bits a weight would fit.")
    if not ways:
        ways.append("Choose a smaller model.")
    return [*ways, "Or close other programs."]


def largest_n_ctx(header: GgufHeader, options: PlanOptions, devices: Sequence[Device]) -> int:
    """The longest context that would fit, shorter than the wanted one; 0 where none does."""
    low, high = MIN_N_CTX // CELL_PADDING - 1, -(-options.cache.n_ctx // CELL_PADDING)
    if high <= low:
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        if _would_fit(header, options, devices, n_ctx=middle * CELL_PADDING):
            low = middle
        else:
            high = middle
    return low * CELL_PADDING if low * CELL_PADDING >= MIN_N_CTX else 0


def largest_kv_type(header: GgufHeader, options: PlanOptions, devices: Sequence[Device]) -> str:
    """The KV type of most bits with which it would fit; empty where none does."""
    for kv_type in SMALLER_KV_TYPES:
        if _would_fit(header, options, devices, type_k=kv_type, type_v=kv_type):
            return kv_type
    return ""


def _would_fit(
    header: GgufHeader, options: PlanOptions, devices: Sequence[Device], **changed: int | str
) -> bool:
    # The measured cache was of the wanted context: here the header has to do.
    cache = replace(options.cache, **changed)  # type: ignore[arg-type]
    other = replace(options, cache=cache, cache_bytes=0)
    return plan(header, other, devices).fits


def _bits_that_fit(header: GgufHeader, options: PlanOptions, free: int) -> float:
    shortest = replace(options.cache, n_ctx=min(MIN_N_CTX, options.cache.n_ctx))
    memory = model_memory(header, shortest)
    compute = max(options.compute_bytes.values(), default=0)
    bits = 8 * (free - memory.cache - compute) / max(1, memory.n_weights)
    return bits if bits >= MIN_BITS else 0.0
