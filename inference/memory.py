"""What a model needs in memory, and what this machine has, before anything is loaded.

An estimate from the header: weights, KV cache and a share for compute buffers.
"""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from inference.errors import ModelTooLarge
from inference.gguf_header import GgufHeader

KV_BYTES_PER_VALUE = 2  # float16
DEFAULT_N_CTX = 8192
MIN_N_CTX = 512


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """Bytes that loading a model takes."""

    weights_bytes: int
    kv_bytes: int
    compute_bytes: int

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.weights_bytes + self.kv_bytes + self.compute_bytes


def choose_n_ctx(header: GgufHeader, wanted: int) -> int:
    """The context length to use: what was wanted, or the model's own up to `DEFAULT_N_CTX`."""
    trained = header.arch_number("context_length", DEFAULT_N_CTX)
    return max(MIN_N_CTX, wanted or min(trained, DEFAULT_N_CTX))


def estimate(header: GgufHeader, n_ctx: int, n_ubatch: int) -> MemoryNeed:
    """Estimate what a model takes with this context.

    The KV cache has `n_layer * n_ctx * n_head_kv * (k_length + v_length)` values; the largest
    compute buffer holds one micro-batch of feed-forward activations in float32.
    """
    n_head = max(1, header.arch_number("attention.head_count", 1))
    n_embd = header.arch_number("embedding_length")
    n_head_kv = header.arch_number("attention.head_count_kv", n_head)
    key_length = header.arch_number("attention.key_length", n_embd // n_head)
    value_length = header.arch_number("attention.value_length", n_embd // n_head)
    n_layer = header.arch_number("block_count")
    kv_values = n_layer * n_ctx * n_head_kv * (key_length + value_length)
    widest = max(header.arch_number("feed_forward_length"), n_embd)
    return MemoryNeed(
        weights_bytes=header.tensor_bytes,
        kv_bytes=kv_values * KV_BYTES_PER_VALUE,
        compute_bytes=widest * n_ubatch * 4 * 4,
    )


def check_fits(header: GgufHeader, need: MemoryNeed, device_free_bytes: int) -> None:
    """Refuse a model that cannot fit.

    Args:
        header: The model's.
        need: What it takes.
        device_free_bytes: Free memory of all graphics devices together.

    Raises:
        ModelTooLarge: Weights and context need more than is free.
    """
    free = psutil.virtual_memory().available + device_free_bytes
    if need.total_bytes <= free:
        return
    raise ModelTooLarge(
        "This model is too large for this computer",
        f"{header.path.name} needs about {_gb(need.total_bytes)} (weights "
        f"{_gb(need.weights_bytes)}, context {_gb(need.kv_bytes)}); {_gb(free)} are free.",
        "Choose a smaller model or a stronger quantization, or close other programs.",
    )


def _gb(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB"
