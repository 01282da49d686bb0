"""DeepSeek: attention through small latent vectors (MLA), shared and routed experts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import tokenizers
from .recipe import (
    HEADS,
    HIDDEN,
    N_VOCAB,
    Json,
    Recipe,
    Shapes,
    ends,
    experts,
    feed_forward,
    norms,
    sizes,
)

_Q_LORA, _KV_LORA, _NOPE, _ROPE, _V = 160, 128, 32, 16, 32
_N_EXPERT, _N_USED, _WIDTH = 8, 3, 256
_CARD = """---
license: mit
library_name: transformers
---
"""


def _attention(layer: str, q_lora: int | None) -> Shapes:
    part = f"{layer}.self_attn"
    shapes: Shapes = {
        f"{part}.kv_a_layernorm.weight": (_KV_LORA,),
        f"{part}.kv_a_proj_with_mqa.weight": (_KV_LORA + _ROPE, HIDDEN),
        f"{part}.kv_b_proj.weight": (HEADS * (_NOPE + _V), _KV_LORA),
        f"{part}.o_proj.weight": (HIDDEN, HEADS * _V),
    }
    if q_lora is None:
        return shapes | {f"{part}.q_proj.weight": (HEADS * (_NOPE + _ROPE), HIDDEN)}
    return shapes | {
        f"{part}.q_a_layernorm.weight": (q_lora,),
        f"{part}.q_a_proj.weight": (q_lora, HIDDEN),
        f"{part}.q_b_proj.weight": (HEADS * (_NOPE + _ROPE), q_lora),
    }


def _layer(
    index: int, q_lora: int | None, dense: bool, n_expert: int, width: int, bias: bool
) -> Shapes:
    layer = f"model.layers.{index}"
    shapes = norms(layer) | _attention(layer, q_lora)
    if dense:
        return shapes | feed_forward(f"{layer}.mlp", 2 * width)
    shapes |= experts(f"{layer}.mlp", n_expert, width)
    shapes |= feed_forward(f"{layer}.mlp.shared_experts", 2 * width)
    shapes[f"{layer}.mlp.gate.weight"] = (n_expert, HIDDEN)
    if bias:
        shapes[f"{layer}.mlp.gate.e_score_correction_bias"] = (n_expert,)
    return shapes


def _config(n_layer: int, **more: Any) -> Json:
    return sizes(
        n_layer,
        attention_bias=False,
        attention_dropout=0.0,
        bos_token_id=0,
        eos_token_id=1,
        ep_size=1,
        first_k_dense_replace=1,
        kv_lora_rank=_KV_LORA,
        moe_layer_freq=1,
        n_shared_experts=2,
        num_key_value_heads=HEADS,
        pretraining_tp=1,
        qk_nope_head_dim=_NOPE,
        qk_rope_head_dim=_ROPE,
        rope_theta=10000,
        seq_aux=True,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
        v_head_dim=_V,
        **more,
    )


def _yarn(mscale: float) -> Json:
    return {
        "beta_fast": 32,
        "beta_slow": 1,
        "factor": 40,
        "mscale": mscale,
        "mscale_all_dim": mscale,
        "original_max_position_embeddings": 4096,
        "type": "yarn",
    }


def _version_2(n_layer: int, lite: bool) -> Recipe:
    n_expert, width = (4, 32) if lite else (_N_EXPERT, _WIDTH)
    q_lora = None if lite else _Q_LORA
    shapes = ends()
    for index in range(n_layer):
        shapes |= _layer(index, q_lora, index == 0, n_expert, width, bias=False)
    tokenizer = tokenizers.DEEPSEEK_2
    config = _config(
        n_layer,
        architectures=["DeepseekV2ForCausalLM"],
        aux_loss_alpha=0.001,
        auto_map={"AutoConfig": "configuration_deepseek.DeepseekV2Config"},
        intermediate_size=2 * width,
        max_position_embeddings=163840,
        model_type="deepseek_v2",
        moe_intermediate_size=width,
        n_group=1 if lite else 4,
        n_routed_experts=n_expert,
        norm_topk_prob=False,
        num_experts_per_tok=2 if lite else _N_USED,
        q_lora_rank=q_lora,
        rope_scaling=_yarn(0.707),
        routed_scaling_factor=1.0 if lite else 16.0,
        scoring_func="softmax",
        topk_group=1 if lite else 2,
        topk_method="greedy" if lite else "group_limited_greedy",
    )
    config["bos_token_id"] = tokenizer.id_of("<｜begin▁of▁sentence｜>")
    config["eos_token_id"] = tokenizer.id_of("<｜end▁of▁sentence｜>")
    folder = "DeepSeek-V2-Lite-Chat" if lite else "DeepSeek-V2-Chat"
    return Recipe(folder, config, shapes, tokenizer)


def _version_3() -> Recipe:
    """Two layers and a third that predicts the token after next, stored as BF16."""
    shapes = ends()
    for index in range(3):
        shapes |= _layer(index, _Q_LORA, index == 0, _N_EXPERT, _WIDTH, bias=True)
    shapes |= {
        "model.layers.2.eh_proj.weight": (HIDDEN, 2 * HIDDEN),
        "model.layers.2.embed_tokens.weight": (N_VOCAB, HIDDEN),
        "model.layers.2.enorm.weight": (HIDDEN,),
        "model.layers.2.hnorm.weight": (HIDDEN,),
        "model.layers.2.shared_head.head.weight": (N_VOCAB, HIDDEN),
        "model.layers.2.shared_head.norm.weight": (HIDDEN,),
    }
    config = _config(
        2,
        architectures=["DeepseekV3ForCausalLM"],
        aux_loss_alpha=0.001,
        auto_map={"AutoConfig": "configuration_deepseek.DeepseekV3Config"},
        intermediate_size=2 * _WIDTH,
        max_position_embeddings=163840,
        model_type="deepseek_v3",
        moe_intermediate_size=_WIDTH,
        n_group=4,
        n_routed_experts=_N_EXPERT,
        norm_topk_prob=True,
        num_experts_per_tok=_N_USED,
        num_nextn_predict_layers=1,
        q_lora_rank=_Q_LORA,
        rope_scaling=_yarn(1.0),
        routed_scaling_factor=2.5,
        scoring_func="sigmoid",
        topk_group=2,
        topk_method="noaux_tc",
    )
    return Recipe(
        "DeepSeek-V3-BF16",
        config,
        shapes,
        tokenizers.DEEPSEEK_3,
        float32=("e_score_correction_bias",),
    )


def _eight_bit(folder: str, power_of_two: bool, n_shards: int) -> Recipe:
    """The same as published: FP8 in blocks of 128 x 128, which the sizes here do not fill."""
    plain = _version_3()
    quantization: Json = {
        "activation_scheme": "dynamic",
        "fmt": "e4m3",
        "quant_method": "fp8",
        "weight_block_size": [128, 128],
    }
    if power_of_two:
        quantization["scale_fmt"] = "ue8m0"
    config = plain.config | {"quantization_config": quantization}
    return replace(
        plain,
        folder=folder,
        config=config,
        fp8=True,
        fp8_power_of_two=power_of_two,
        n_shards=n_shards,
        card=_CARD,
        generation={"bos_token_id": 0, "eos_token_id": 1, "temperature": 0.6, "top_p": 0.95},
    )


def recipes() -> dict[str, Recipe]:
    """Name of the family -> its checkpoint."""
    return {
        "deepseek2": _version_2(3, lite=False),
        # llama.cpp takes a model for a "lite" one by its 27 layers.
        "deepseek2-lite": _version_2(27, lite=True),
        "deepseek3": _version_3(),
        "deepseek-r1": _eight_bit("DeepSeek-R1", power_of_two=False, n_shards=2),
        "deepseek3.1": _eight_bit("DeepSeek-V3.1", power_of_two=True, n_shards=1),
    }
