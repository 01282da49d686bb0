"""A checkpoint of holes in the form of DeepSeek-V3: two of its layers, of their real size.

The one has a dense network, the other all 256 experts, which become three tensors of 3.8 billion
weights; both have the projections that are split for MLA.
"""

from __future__ import annotations

import json
from pathlib import Path

from bench.mixture import BLOCK, Shapes, as_stored, write_weights
from tests.converters.vocabulary.real_tokenizers import write_real

HIDDEN, HEADS, VOCABULARY = 7168, 128, 129_280
Q_LORA, KV_LORA, NOPE, ROPE, V = 1536, 512, 128, 64, 128
N_EXPERTS, EXPERT, DENSE = 256, 2048, 18_432


def write_deepseek(parent: Path) -> Path:
    """Write the checkpoint into a folder below `parent`: 14 GB of FP8 that take no room."""
    parent.mkdir(parents=True)
    folder: Path = write_real(parent, "deepseek-v3")[0]
    (folder / "config.json").write_text(json.dumps(_CONFIGURATION))
    shapes = (*_ends(), *_layer(0, is_dense=True), *_layer(1, is_dense=False))
    stored = as_stored(iter(shapes), fp8=True)
    write_weights(folder / "model.safetensors", stored, is_sparse=True)
    return folder


_CONFIGURATION = {
    "architectures": ["DeepseekV3ForCausalLM"],
    "model_type": "deepseek_v3",
    "first_k_dense_replace": 1,
    "hidden_act": "silu",
    "hidden_size": HIDDEN,
    "intermediate_size": DENSE,
    "kv_lora_rank": KV_LORA,
    "max_position_embeddings": 163_840,
    "moe_intermediate_size": EXPERT,
    "moe_layer_freq": 1,
    "n_group": 8,
    "n_routed_experts": N_EXPERTS,
    "n_shared_experts": 1,
    "norm_topk_prob": True,
    "num_attention_heads": HEADS,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 2,
    "num_key_value_heads": HEADS,
    "num_nextn_predict_layers": 0,
    "q_lora_rank": Q_LORA,
    "qk_nope_head_dim": NOPE,
    "qk_rope_head_dim": ROPE,
    "quantization_config": {"quant_method": "fp8", "weight_block_size": [BLOCK, BLOCK]},
    "rms_norm_eps": 1e-6,
    "rope_theta": 10_000,
    "routed_scaling_factor": 2.5,
    "scoring_func": "sigmoid",
    "tie_word_embeddings": False,
    "topk_group": 4,
    "topk_method": "noaux_tc",
    "torch_dtype": "bfloat16",
    "v_head_dim": V,
    "vocab_size": VOCABULARY,
}


def _ends() -> Shapes:
    yield "model.embed_tokens.weight", (VOCABULARY, HIDDEN)
    yield "model.norm.weight", (HIDDEN,)
    yield "lm_head.weight", (VOCABULARY, HIDDEN)


def _layer(number: int, is_dense: bool) -> Shapes:
    start = f"model.layers.{number}"
    yield f"{start}.input_layernorm.weight", (HIDDEN,)
    yield f"{start}.post_attention_layernorm.weight", (HIDDEN,)
    part = f"{start}.self_attn"
    yield f"{part}.q_a_proj.weight", (Q_LORA, HIDDEN)
    yield f"{part}.q_a_layernorm.weight", (Q_LORA,)
    yield f"{part}.q_b_proj.weight", (HEADS * (NOPE + ROPE), Q_LORA)
    yield f"{part}.kv_a_proj_with_mqa.weight", (KV_LORA + ROPE, HIDDEN)
    yield f"{part}.kv_a_layernorm.weight", (KV_LORA,)
    yield f"{part}.kv_b_proj.weight", (HEADS * (NOPE + V), KV_LORA)
    yield f"{part}.o_proj.weight", (HIDDEN, HEADS * V)
    if is_dense:
        yield from _feed_forward(f"{start}.mlp", DENSE)
        return
    yield f"{start}.mlp.gate.weight", (N_EXPERTS, HIDDEN)
    yield f"{start}.mlp.gate.e_score_correction_bias", (N_EXPERTS,)
    yield from _feed_forward(f"{start}.mlp.shared_experts", EXPERT)
    for expert in range(N_EXPERTS):
        yield from _feed_forward(f"{start}.mlp.experts.{expert}", EXPERT)


def _feed_forward(part: str, width: int) -> Shapes:
    yield f"{part}.gate_proj.weight", (width, HIDDEN)
    yield f"{part}.up_proj.weight", (width, HIDDEN)
    yield f"{part}.down_proj.weight", (HIDDEN, width)
