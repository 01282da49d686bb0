"""ERNIE 4.5, dense and with experts."""

from __future__ import annotations

from . import tokenizers
from .recipe import HEADS_KV, HIDDEN, Recipe, attention, ends, experts, feed_forward, norms, sizes

_N_EXPERT, _N_USED, _WIDTH = 8, 3, 256


def _ernie() -> Recipe:
    """As ERNIE-4.5-0.3B: the heads are wider together than the model."""
    shapes = ends(tied=True)
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer, head=128) | feed_forward(f"{layer}.mlp", 512)
    config = sizes(
        2,
        architectures=["Ernie4_5ForCausalLM"],
        model_type="ernie4_5",
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        head_dim=128,
        intermediate_size=512,
        max_position_embeddings=131072,
        rms_norm_eps=1e-5,
        rope_scaling=None,
        rope_theta=500000.0,
        tie_word_embeddings=True,
        torch_dtype="bfloat16",
        use_bias=False,
    )
    return Recipe("ERNIE-4.5-0.3B-PT", config, shapes, tokenizers.ERNIE)


def _ernie_moe() -> Recipe:
    """As ERNIE-4.5-21B-A3B: a dense layer, then experts with a bias of their choice."""
    shapes = ends(tied=True)
    for index in range(3):
        layer = f"model.layers.{index}"
        shapes |= norms(layer) | attention(layer)
        if index == 0:
            shapes |= feed_forward(f"{layer}.mlp", HEADS_KV * _WIDTH)
            continue
        shapes |= experts(f"{layer}.mlp", _N_EXPERT, _WIDTH)
        shapes |= feed_forward(f"{layer}.mlp.shared_experts", _WIDTH)
        shapes[f"{layer}.mlp.gate.weight"] = (_N_EXPERT, HIDDEN)
        shapes[f"{layer}.mlp.moe_statics.e_score_correction_bias"] = (1, _N_EXPERT)
    config = sizes(
        3,
        architectures=["Ernie4_5_MoeForCausalLM"],
        model_type="ernie4_5_moe",
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        # Upstream takes this, by the heads of keys, for the width of the shared expert.
        intermediate_size=HEADS_KV * _WIDTH,
        max_position_embeddings=131072,
        moe_capacity=[_N_EXPERT] * 3,
        moe_intermediate_size=_WIDTH,
        moe_k=_N_USED,
        moe_layer_interval=1,
        moe_layer_start_index=1,
        moe_num_experts=_N_EXPERT,
        moe_num_shared_experts=1,
        rms_norm_eps=1e-5,
        rope_scaling=None,
        rope_theta=500000,
        tie_word_embeddings=True,
        torch_dtype="bfloat16",
        use_bias=False,
    )
    float32 = ("mlp.gate.weight", "e_score_correction_bias")
    return Recipe("ERNIE-4.5-21B-A3B-PT", config, shapes, tokenizers.ERNIE, float32=float32)


def recipes() -> dict[str, Recipe]:
    """Name of the family -> its checkpoint."""
    return {"ernie4.5": _ernie(), "ernie4.5moe": _ernie_moe()}
