"""A generated checkpoint in the form of Qwen3-30B-A3B: few layers, but with their real shapes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.converters.vocabulary.real_tokenizers import write_real

HIDDEN, EXPERT, HEADS, KV_HEADS, HEAD, VOCABULARY = 2048, 768, 32, 4, 128, 151_936
N_EXPERTS = 128
BLOCK = 128
_POOL = 1 << 24
"""Different weights; tensors begin at different places among them."""
Shapes = Iterator[tuple[str, tuple[int, ...]]]
Stored = tuple[str, str, tuple[int, ...]]
"""Name, type and shape of a tensor."""


def write_mixture(
    parent: Path, n_bytes: int, *, fp8: bool = False, is_sparse: bool = False
) -> Path:
    """Write the checkpoint.

    Args:
        parent: A folder, in which one is made.
        n_bytes: About how large it would be as BF16; the embedding alone takes 0.6 GB.
        fp8: Whether matrices of layers are stored as FP8 with a scale for each block.
        is_sparse: Whether all weights are holes, which take no room on the disk and read as zero.
    """
    parent.mkdir(parents=True)
    folder: Path = write_real(parent, "qwen2")[0]
    expert_bytes = 2 * 3 * HIDDEN * EXPERT
    budget = (n_bytes - 2 * VOCABULARY * HIDDEN) / expert_bytes
    n_layers = max(1, round(budget / N_EXPERTS))
    n_experts = min(N_EXPERTS, max(8, int(budget / n_layers)))
    (folder / "config.json").write_text(json.dumps(_configuration(n_layers, n_experts, fp8)))
    stored = as_stored(_shapes(n_layers, n_experts), fp8)
    write_weights(folder / "model.safetensors", stored, is_sparse)
    return folder


def _configuration(n_layers: int, n_experts: int, fp8: bool) -> dict[str, object]:
    config: dict[str, object] = {
        "architectures": ["Qwen3MoeForCausalLM"],
        "model_type": "qwen3_moe",
        "decoder_sparse_step": 1,
        "mlp_only_layers": [],
        "head_dim": HEAD,
        "hidden_act": "silu",
        "hidden_size": HIDDEN,
        "intermediate_size": 6144,
        "max_position_embeddings": 40960,
        "moe_intermediate_size": EXPERT,
        "norm_topk_prob": True,
        "num_attention_heads": HEADS,
        "num_experts": n_experts,
        "num_experts_per_tok": 8,
        "num_hidden_layers": n_layers,
        "num_key_value_heads": KV_HEADS,
        "rms_norm_eps": 1e-6,
        "rope_theta": 1e6,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "vocab_size": VOCABULARY,
    }
    if fp8:
        block = [BLOCK, BLOCK]
        config["quantization_config"] = {"quant_method": "fp8", "weight_block_size": block}
    return config


def _shapes(n_layers: int, n_experts: int) -> Shapes:
    yield "model.embed_tokens.weight", (VOCABULARY, HIDDEN)
    yield "model.norm.weight", (HIDDEN,)
    for layer in range(n_layers):
        start = f"model.layers.{layer}"
        for norm in ("input_layernorm", "post_attention_layernorm"):
            yield f"{start}.{norm}.weight", (HIDDEN,)
        for norm in ("q_norm", "k_norm"):
            yield f"{start}.self_attn.{norm}.weight", (HEAD,)
        yield f"{start}.self_attn.q_proj.weight", (HEADS * HEAD, HIDDEN)
        yield f"{start}.self_attn.k_proj.weight", (KV_HEADS * HEAD, HIDDEN)
        yield f"{start}.self_attn.v_proj.weight", (KV_HEADS * HEAD, HIDDEN)
        yield f"{start}.self_attn.o_proj.weight", (HIDDEN, HEADS * HEAD)
        yield f"{start}.mlp.gate.weight", (n_experts, HIDDEN)
        for expert in range(n_experts):
            for name, shape in (("gate", (EXPERT, HIDDEN)), ("up", (EXPERT, HIDDEN))):
                yield f"{start}.mlp.experts.{expert}.{name}_proj.weight", shape
            yield f"{start}.mlp.experts.{expert}.down_proj.weight", (HIDDEN, EXPERT)


def as_stored(shapes: Shapes, fp8: bool) -> list[Stored]:
    """Tensors as BF16, or projections as FP8, each with its scales behind it."""
    stored: list[Stored] = []
    for name, shape in shapes:
        if fp8 and "_proj" in name:
            blocks = tuple(-(-size // BLOCK) for size in shape)
            stored.append((name, "F8_E4M3", shape))
            stored.append((f"{name}_scale_inv", "F32", blocks))
        else:
            stored.append((name, "BF16", shape))
    return stored


def write_weights(path: Path, stored: list[Stored], is_sparse: bool) -> None:
    """Write a safetensors file of random weights, or of holes."""
    header, place = {}, 0
    for name, dtype, shape in stored:
        end = place + math.prod(shape) * _ITEM_BYTES[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [place, end]}
        place = end
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        if is_sparse:
            file.truncate(file.tell() + place)
            return
        pools = _pools()
        for number, (_name, dtype, shape) in enumerate(stored):
            for part in _parts(pools[dtype], math.prod(shape) * _ITEM_BYTES[dtype], number):
                file.write(part)


_ITEM_BYTES = {"BF16": 2, "F8_E4M3": 1, "F32": 4}


def _pools() -> dict[str, NDArray[np.uint8]]:
    """Weights of a normal distribution in each form, as bytes."""
    random = np.random.default_rng(1)
    values = (random.standard_normal(_POOL, np.float32) * 0.02).view(np.uint32)
    codes = random.integers(0x28, 0x50, _POOL, np.uint8)
    signs = random.integers(0, 2, _POOL, np.uint8) << 7
    scales = random.uniform(0.001, 0.002, 1 << 16).astype(np.float32)
    return {
        "BF16": (values >> 16).astype("<u2").view(np.uint8),
        "F8_E4M3": (codes | signs).astype(np.uint8),
        "F32": scales.view(np.uint8),
    }


def _parts(pool: NDArray[np.uint8], n_bytes: int, number: int) -> Iterator[memoryview]:
    """So many bytes of a pool, from another place for each tensor; whole weights."""
    place = number * 12_340 % len(pool)
    while n_bytes:
        part = pool[place : place + n_bytes]
        yield part.data
        n_bytes, place = n_bytes - len(part), 0
