"""Bytes of what a model remembers: KV cache and recurrent state of each layer, from its header.

Source: llama_kv_cache, llama_kv_cache_iswa, llama_memory_recurrent and `load_arch_hparams` of the
architectures in https://github.com/ggml-org/llama.cpp, as in llama-cpp-python 0.3.36.
"""

from __future__ import annotations

from dataclasses import dataclass

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

from inference.gguf_header import GgufHeader

KV_TYPES = {
    name: GGMLQuantizationType[name.upper()]
    for name in ("f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl")
}
CELL_PADDING = 256
MAX_LAYERS = 1024

_FLOAT32_BYTES = 4
# Architecture: every how many layers one looks at the whole context, and whether it comes first.
_WINDOW_PATTERNS = {
    "afmoe": (4, False),
    "cohere2": (4, False),
    "cohere2moe": (4, True),
    "exaone-moe": (4, False),
    "gemma2": (2, False),
    "gemma3": (6, False),
    "gemma3n": (5, False),
    "gemma-embedding": (6, False),
    "gpt-oss": (2, False),
    "laguna": (4, True),
    "mellum": (4, False),
    "olmo2": (4, False),
    "plamo3": (8, False),
    "smallthinker": (4, True),
}
_WINDOWS = {"gemma2": 4096, "exaone-moe": 128, "smallthinker": 4096}
_RECURRENT = {"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"}
# Where a layer without KV heads is a recurrent one.
_HYBRID_BY_HEADS = {
    *("bailingmoe3", "granitehybrid", "jamba", "kimi-linear", "lfm2", "lfm2moe"),
    *("nemotron_h", "nemotron_h_moe", "plamo2"),
}
_HYBRID_BY_INTERVAL = {"qwen3next", "qwen35", "qwen35moe", "qwen4exp", "minimax-01"}
_BOTH_IN_EACH_LAYER = {"falcon-h1"}


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """How the context is made. With `swa_full` sliding windows are kept whole, so that they can be
    cut back to any place; else only what they look at is kept.
    """

    n_ctx: int
    n_ubatch: int = 512
    type_k: str = "f16"
    type_v: str = "f16"
    swa_full: bool = True


def layer_values(header: GgufHeader, key: str, n_layer: int, default: int = 0) -> list[int]:
    """One number for each layer, whether the file has a list or one for all."""
    value = header.metadata.get(f"{header.architecture}.{key}")
    if isinstance(value, list) and len(value) >= n_layer:
        return [max(0, int(item)) if isinstance(item, int) else default for item in value[:n_layer]]
    return [max(0, header.arch_number(key, default))] * n_layer


def n_layers(header: GgufHeader) -> int:
    """Number of layers; 0 for a header that has none or claims absurdly many."""
    n_layer = header.arch_number("block_count")
    return n_layer if 0 < n_layer <= MAX_LAYERS else 0


def padded(n_tokens: int) -> int:
    """Cells of a cache for so many tokens."""
    return -(-n_tokens // CELL_PADDING) * CELL_PADDING


def cache_bytes(header: GgufHeader, options: CacheOptions) -> list[int]:
    """Bytes of the KV cache and of the recurrent state, layer by layer."""
    n_layer = n_layers(header)
    n_trunk = n_layer - min(n_layer, max(0, header.arch_number("nextn_predict_layers")))
    recurrent = _recurrent_layers(header, n_layer)
    both = header.architecture in _BOTH_IN_EACH_LAYER
    attention = _attention_bytes(header, options, n_layer)
    state = _state_bytes(header) if any(recurrent) or both else 0
    return [
        0
        if layer >= n_trunk
        else attention[layer] + state
        if both
        else state
        if recurrent[layer]
        else attention[layer]
        for layer in range(n_layer)
    ]


def _attention_bytes(header: GgufHeader, options: CacheOptions, n_layer: int) -> list[int]:
    n_head = layer_values(header, "attention.head_count", n_layer)
    n_head_kv = [
        kv if _has_key(header, "attention.head_count_kv") else heads
        for kv, heads in zip(
            layer_values(header, "attention.head_count_kv", n_layer), n_head, strict=True
        )
    ]
    default = header.arch_number("embedding_length") // n_head[0] if n_head and n_head[0] else 0
    windows = _window_layers(header, n_layer)
    n_owners = _layers_with_own_cache(header, n_layer)
    whole = padded(options.n_ctx)
    n_window = max(0, _window(header))
    short = whole if options.swa_full else padded(min(whole, n_window + options.n_ubatch))
    found = []
    for layer in range(n_layer):
        ending = "_swa" if windows[layer] else ""
        k_length, v_length = (
            max(0, header.arch_number(f"attention.{name}_length{ending}", plain))
            for name in ("key", "value")
            for plain in (header.arch_number(f"attention.{name}_length", default),)
        )
        row = row_bytes(options.type_k, k_length * n_head_kv[layer])
        if not _is_mla(header):
            row += row_bytes(options.type_v, v_length * n_head_kv[layer])
        row += row_bytes(options.type_k, max(0, header.arch_number("attention.indexer.key_length")))
        cells = short if windows[layer] else whole
        found.append(row * cells if layer < n_owners else 0)
    return found


def row_bytes(type_name: str, n_values: int) -> int:
    """Bytes of so many values of a type."""
    block, size = GGML_QUANT_SIZES[KV_TYPES[type_name]]
    return int(-(-n_values // block) * size)


def _has_key(header: GgufHeader, key: str) -> bool:
    return f"{header.architecture}.{key}" in header.metadata


def _is_mla(header: GgufHeader) -> bool:
    """Whether latent vectors are kept instead of keys and values."""
    keys = ("attention.key_length_mla", "attention.value_length_mla")
    return all(header.arch_number(key) > 0 for key in keys)


def _window(header: GgufHeader) -> int:
    return header.arch_number("attention.sliding_window", _WINDOWS.get(header.architecture, 0))


def _window_layers(header: GgufHeader, n_layer: int) -> list[bool]:
    """Which layers see only a sliding window; none where that is not known for sure."""
    if _window(header) <= 0:
        return [False] * n_layer
    key = f"{header.architecture}.attention.sliding_window_pattern"
    pattern = header.metadata.get(key)
    if isinstance(pattern, list) and len(pattern) >= n_layer:
        return [bool(item) for item in pattern[:n_layer]]
    if header.architecture not in _WINDOW_PATTERNS:
        return [False] * n_layer
    period, dense_first = _WINDOW_PATTERNS[header.architecture]
    period = max(0, header.number(key, period))
    dense = 0 if dense_first else period - 1
    return [period == 0 or layer % period != dense for layer in range(n_layer)]


def _layers_with_own_cache(header: GgufHeader, n_layer: int) -> int:
    """Layers before those that look into the cache of another."""
    if header.architecture == "gemma3n":
        return 20
    return n_layer - max(0, header.arch_number("attention.shared_kv_layers"))


def _recurrent_layers(header: GgufHeader, n_layer: int) -> list[bool]:
    architecture = header.architecture
    if architecture in _RECURRENT:
        return [True] * n_layer
    if architecture in _HYBRID_BY_HEADS:
        heads = layer_values(header, "attention.head_count_kv", n_layer)
        widths = layer_values(header, "feed_forward_length", n_layer)
        no_others = not architecture.startswith("nemotron")
        return [
            not count and (no_others or not width)
            for count, width in zip(heads, widths, strict=True)
        ]
    if architecture in _HYBRID_BY_INTERVAL:
        marked = header.metadata.get(f"{architecture}.attention.recurrent_layers")
        if isinstance(marked, list) and len(marked) >= n_layer:
            return [bool(item) for item in marked[:n_layer]]
        interval = max(1, header.arch_number("full_attention_interval", 4))
        return [(layer + 1) % interval != 0 for layer in range(n_layer)]
    return [False] * n_layer


def _state_bytes(header: GgufHeader) -> int:
    """One recurrent layer's state of one sequence."""
    n_embd = header.arch_number("embedding_length")
    n_head = header.arch_number("attention.head_count")
    kernel = header.arch_number("ssm.conv_kernel")
    if wkv := header.arch_number("wkv.head_size"):
        shifts = header.arch_number("token_shift_count", 2)
        return max(0, n_embd * (shifts + wkv)) * _FLOAT32_BYTES
    inner, state = header.arch_number("ssm.inner_size"), header.arch_number("ssm.state_size")
    if short := header.arch_number("shortconv.l_cache"):
        return max(0, n_embd * (short - 1)) * _FLOAT32_BYTES
    if head := header.arch_number("kda.head_dim"):
        convolution = 3 * (kernel - 1 if kernel > 0 else 3) * n_head * head
        return max(0, convolution + head * head * n_head) * _FLOAT32_BYTES
    groups = header.arch_number("ssm.group_count")
    convolution = max(0, kernel - 1) * (inner + 2 * groups * state)
    return max(0, convolution + state * inner) * _FLOAT32_BYTES
