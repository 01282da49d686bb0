"""The context length to use where none was asked for."""

from __future__ import annotations

from inference.gguf_header import GgufHeader

DEFAULT_N_CTX = 8192
MIN_N_CTX = 512


def choose_n_ctx(header: GgufHeader, wanted: int) -> int:
    """The context length to use: what was wanted, or the model's own up to `DEFAULT_N_CTX`."""
    trained = header.arch_number("context_length", DEFAULT_N_CTX)
    return max(MIN_N_CTX, wanted or min(trained, DEFAULT_N_CTX))
