"""Mixtures of experts, but for DeepSeek's and OpenAI's."""

from __future__ import annotations

from . import tokenizers
from .recipe import (
    HEAD,
    HEADS,
    HEADS_KV,
    HIDDEN,
    N_VOCAB,
    Recipe,
    Shapes,
    attention,
    ends,
    experts,
    feed_forward,
    head_norms,
    lettered_experts,
    norms,
    sizes,
)

_N_EXPERT, _N_USED, _WIDTH = 8, 3, 256


def _qwen_2_moe() -> Recipe:
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer, heads_kv=HEADS, biases="qkv")
        shapes |= experts(f"{layer}.mlp", _N_EXPERT, _WIDTH)
        shapes |= feed_forward(f"{layer}.mlp.shared_expert", 512)
        shapes[f"{layer}.mlp.shared_expert_gate.weight"] = (1, HIDDEN)
        shapes[f"{layer}.mlp.gate.weight"] = (_N_EXPERT, HIDDEN)
    tokenizer = tokenizers.QWEN_2
    config = sizes(
        2,
        architectures=["Qwen2MoeForCausalLM"],
        model_type="qwen2_moe",
        attention_dropout=0.0,
        bos_token_id=tokenizer.id_of("<|endoftext|>"),
        decoder_sparse_step=1,
        eos_token_id=tokenizer.id_of("<|im_end|>"),
        intermediate_size=768,
        max_position_embeddings=8192,
        max_window_layers=2,
        moe_intermediate_size=_WIDTH,
        norm_topk_prob=False,
        num_experts=_N_EXPERT,
        num_experts_per_tok=_N_USED,
        num_key_value_heads=HEADS,
        output_router_logits=False,
        rope_theta=1000000.0,
        router_aux_loss_coef=0.001,
        shared_expert_intermediate_size=512,
        sliding_window=8192,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
        use_sliding_window=False,
    )
    return Recipe("Qwen1.5-MoE-A2.7B-Chat", config, shapes, tokenizer)


def _qwen_3_moe() -> Recipe:
    """In three shards."""
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer, head=128) | head_norms(layer, 128)
        shapes |= experts(f"{layer}.mlp", _N_EXPERT, _WIDTH)
        shapes[f"{layer}.mlp.gate.weight"] = (_N_EXPERT, HIDDEN)
    tokenizer = tokenizers.QWEN_3
    config = sizes(
        2,
        architectures=["Qwen3MoeForCausalLM"],
        model_type="qwen3_moe",
        attention_bias=False,
        attention_dropout=0.0,
        bos_token_id=tokenizer.id_of("<|endoftext|>"),
        decoder_sparse_step=1,
        eos_token_id=tokenizer.id_of("<|im_end|>"),
        head_dim=128,
        intermediate_size=768,
        max_position_embeddings=40960,
        max_window_layers=2,
        mlp_only_layers=[],
        moe_intermediate_size=_WIDTH,
        norm_topk_prob=True,
        num_experts=_N_EXPERT,
        num_experts_per_tok=_N_USED,
        output_router_logits=False,
        rope_scaling=None,
        rope_theta=1000000.0,
        router_aux_loss_coef=0.001,
        sliding_window=None,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
        use_sliding_window=False,
    )
    return Recipe("Qwen3-30B-A3B-Instruct-2507", config, shapes, tokenizer, n_shards=3)


def _mixtral() -> Recipe:
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer)
        shapes |= lettered_experts(f"{layer}.block_sparse_moe", 4, 512)
    config = sizes(
        2,
        architectures=["MixtralForCausalLM"],
        model_type="mixtral",
        attention_dropout=0.0,
        bos_token_id=1,
        eos_token_id=2,
        intermediate_size=512,
        max_position_embeddings=32768,
        num_experts_per_tok=2,
        num_local_experts=4,
        output_router_logits=False,
        rms_norm_eps=1e-5,
        rope_theta=1000000.0,
        router_aux_loss_coef=0.02,
        sliding_window=None,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
    )
    return Recipe("Mixtral-8x7B-Instruct-v0.1", config, shapes, tokenizers.MIXTRAL)


def _olmoe() -> Recipe:
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer, heads_kv=HEADS) | head_norms(layer, HIDDEN)
        shapes |= experts(f"{layer}.mlp", _N_EXPERT, _WIDTH)
        shapes[f"{layer}.mlp.gate.weight"] = (_N_EXPERT, HIDDEN)
    tokenizer = tokenizers.OLMOE
    config = sizes(
        2,
        architectures=["OlmoeForCausalLM"],
        model_type="olmoe",
        attention_bias=False,
        attention_dropout=0.0,
        clip_qkv=None,
        eos_token_id=tokenizer.id_of("<|endoftext|>"),
        intermediate_size=_WIDTH,
        max_position_embeddings=4096,
        norm_topk_prob=False,
        num_experts=_N_EXPERT,
        num_experts_per_tok=_N_USED,
        num_key_value_heads=HEADS,
        output_router_logits=False,
        pad_token_id=tokenizer.id_of("<|padding|>"),
        rms_norm_eps=1e-5,
        rope_scaling=None,
        rope_theta=10000.0,
        router_aux_loss_coef=0.01,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
    )
    return Recipe("OLMoE-1B-7B-0924-Instruct", config, shapes, tokenizer)


def _granite_moe() -> Recipe:
    """Gate and up of all experts lie in one tensor; four multipliers stand in the config."""
    shapes = ends(tied=True)
    for layer in (f"model.layers.{index}" for index in range(2)):
        part = f"{layer}.block_sparse_moe"
        shapes |= norms(layer) | attention(layer)
        shapes[f"{part}.input_linear.weight"] = (_N_EXPERT, 2 * _WIDTH, HIDDEN)
        shapes[f"{part}.output_linear.weight"] = (_N_EXPERT, HIDDEN, _WIDTH)
        shapes[f"{part}.router.layer.weight"] = (_N_EXPERT, HIDDEN)
    config = sizes(
        2,
        architectures=["GraniteMoeForCausalLM"],
        model_type="granitemoe",
        attention_bias=False,
        attention_dropout=0.0,
        attention_multiplier=0.015625,
        bos_token_id=0,
        embedding_multiplier=12.0,
        eos_token_id=0,
        intermediate_size=_WIDTH,
        logits_scaling=6.0,
        max_position_embeddings=131072,
        num_experts_per_tok=_N_USED,
        num_local_experts=_N_EXPERT,
        output_router_logits=False,
        pad_token_id=0,
        residual_multiplier=0.22,
        rope_scaling=None,
        rope_theta=10000000,
        router_aux_loss_coef=0.001,
        tie_word_embeddings=True,
        torch_dtype="bfloat16",
    )
    return Recipe("granite-3.1-3b-a800m-instruct", config, shapes, tokenizers.GRANITE)


def _glm_4_moe() -> Recipe:
    """As GLM-4.5: half of each head turns, three ends of text, a layer that predicts further."""
    shapes = ends()
    for index in range(3):
        layer = f"model.layers.{index}"
        shapes |= norms(layer) | attention(layer, biases="qkv") | head_norms(layer)
        if index == 0:
            shapes |= feed_forward(f"{layer}.mlp", 512)
            continue
        shapes |= experts(f"{layer}.mlp", _N_EXPERT, _WIDTH)
        shapes |= feed_forward(f"{layer}.mlp.shared_experts", _WIDTH)
        shapes[f"{layer}.mlp.gate.weight"] = (_N_EXPERT, HIDDEN)
        shapes[f"{layer}.mlp.gate.e_score_correction_bias"] = (_N_EXPERT,)
    shapes |= {
        "model.layers.2.eh_proj.weight": (HIDDEN, 2 * HIDDEN),
        "model.layers.2.embed_tokens.weight": (N_VOCAB, HIDDEN),
        "model.layers.2.enorm.weight": (HIDDEN,),
        "model.layers.2.hnorm.weight": (HIDDEN,),
        "model.layers.2.shared_head.head.weight": (N_VOCAB, HIDDEN),
        "model.layers.2.shared_head.norm.weight": (HIDDEN,),
    }
    tokenizer = tokenizers.GLM_4
    endings = [tokenizer.id_of(t) for t in ("<|endoftext|>", "<|user|>", "<|observation|>")]
    config = sizes(
        2,
        architectures=["Glm4MoeForCausalLM"],
        model_type="glm4_moe",
        attention_bias=True,
        attention_dropout=0.0,
        eos_token_id=endings,
        first_k_dense_replace=1,
        head_dim=HEAD,
        intermediate_size=512,
        max_position_embeddings=131072,
        moe_intermediate_size=_WIDTH,
        n_group=1,
        n_routed_experts=_N_EXPERT,
        n_shared_experts=1,
        norm_topk_prob=True,
        num_experts_per_tok=_N_USED,
        num_nextn_predict_layers=1,
        pad_token_id=endings[0],
        partial_rotary_factor=0.5,
        rms_norm_eps=1e-5,
        rope_scaling=None,
        rope_theta=1000000,
        routed_scaling_factor=2.5,
        tie_word_embeddings=False,
        topk_group=1,
        torch_dtype="bfloat16",
        use_qk_norm=True,
    )
    return Recipe("GLM-4.5", config, shapes, tokenizer, float32=("e_score_correction_bias",))


def _phi_moe() -> Recipe:
    shapes: Shapes = ends() | {"model.norm.bias": (HIDDEN,), "lm_head.bias": (N_VOCAB,)}
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer, biases="qkvo")
        shapes[f"{layer}.input_layernorm.bias"] = (HIDDEN,)
        shapes[f"{layer}.post_attention_layernorm.bias"] = (HIDDEN,)
        shapes |= lettered_experts(f"{layer}.block_sparse_moe", _N_EXPERT, _WIDTH)
    tokenizer = tokenizers.PHI_3
    config = sizes(
        2,
        architectures=["PhiMoEForCausalLM"],
        model_type="phimoe",
        attention_bias=True,
        attention_dropout=0.0,
        bos_token_id=1,
        eos_token_id=tokenizer.id_of("<|endoftext|>"),
        hidden_dropout=0.0,
        input_jitter_noise=0.01,
        intermediate_size=_WIDTH,
        lm_head_bias=True,
        max_position_embeddings=131072,
        num_experts_per_tok=2,
        num_local_experts=_N_EXPERT,
        num_key_value_heads=HEADS_KV,
        original_max_position_embeddings=4096,
        output_router_logits=False,
        rms_norm_eps=1e-5,
        rope_scaling={
            "long_factor": [round(1 + 1.9 * place, 2) for place in range(HEAD // 2)],
            "long_mscale": 1.243163121016122,
            "original_max_position_embeddings": 4096,
            "short_factor": [round(1 + 0.05 * place, 2) for place in range(HEAD // 2)],
            "short_mscale": 1.243163121016122,
            "type": "longrope",
        },
        rope_theta=10000.0,
        router_aux_loss_coef=0.0,
        router_jitter_noise=0.01,
        sliding_window=131072,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
    )
    return Recipe("Phi-3.5-MoE-instruct", config, shapes, tokenizer)


def recipes() -> dict[str, Recipe]:
    """Name of the family -> its checkpoint."""
    return {
        "qwen2moe": _qwen_2_moe(),
        "qwen3moe": _qwen_3_moe(),
        "mixtral": _mixtral(),
        "olmoe": _olmoe(),
        "granitemoe": _granite_moe(),
        "glm4moe": _glm_4_moe(),
        "phimoe": _phi_moe(),
    }
