"""Gemma 2 and 3: norms on both sides, windows of attention, an embedding that is scaled."""

from __future__ import annotations

from . import tokenizers
from .recipe import (
    HEAD,
    HEADS,
    HEADS_KV,
    HIDDEN,
    Recipe,
    Shapes,
    attention,
    ends,
    feed_forward,
    head_norms,
    norms,
    sizes,
)

# Shorter than the 40 positions that are asked about.
_WINDOW = 16


def _gemma_layers(n_layer: int, prefix: str = "model.", with_head_norms: bool = False) -> Shapes:
    shapes: Shapes = {}
    for layer in (f"{prefix}layers.{index}" for index in range(n_layer)):
        shapes |= norms(
            layer,
            "input_layernorm",
            "post_attention_layernorm",
            "pre_feedforward_layernorm",
            "post_feedforward_layernorm",
        )
        shapes |= attention(layer) | feed_forward(f"{layer}.mlp", 512)
        if with_head_norms:
            shapes |= head_norms(layer)
    return shapes


def _gemma_2() -> Recipe:
    config = sizes(
        2,
        architectures=["Gemma2ForCausalLM"],
        model_type="gemma2",
        attention_bias=False,
        attention_dropout=0.0,
        attn_logit_softcapping=50.0,
        bos_token_id=2,
        cache_implementation="hybrid",
        eos_token_id=1,
        final_logit_softcapping=30.0,
        head_dim=HEAD,
        hidden_act="gelu_pytorch_tanh",
        hidden_activation="gelu_pytorch_tanh",
        intermediate_size=512,
        max_position_embeddings=8192,
        pad_token_id=0,
        query_pre_attn_scalar=HEAD,
        rope_theta=10000.0,
        sliding_window=_WINDOW,
        sliding_window_size=_WINDOW,
        torch_dtype="bfloat16",
    )
    shapes = ends(tied=True) | _gemma_layers(2)
    return Recipe("gemma-2-2b-it", config, shapes, tokenizers.GEMMA)


def _gemma_3() -> Recipe:
    """Seven layers, so that the sixth, which sees everything, is not the last."""
    config = sizes(
        7,
        architectures=["Gemma3ForCausalLM"],
        model_type="gemma3_text",
        attention_bias=False,
        attention_dropout=0.0,
        attn_logit_softcapping=None,
        bos_token_id=2,
        cache_implementation="hybrid",
        eos_token_id=[1, 5],
        final_logit_softcapping=None,
        head_dim=HEAD,
        hidden_activation="gelu_pytorch_tanh",
        intermediate_size=512,
        max_position_embeddings=32768,
        pad_token_id=0,
        query_pre_attn_scalar=HEAD,
        rope_local_base_freq=10000,
        rope_scaling=None,
        rope_theta=1000000,
        sliding_window=_WINDOW,
        sliding_window_pattern=6,
        torch_dtype="bfloat16",
    )
    shapes = ends(tied=True) | _gemma_layers(7, with_head_norms=True)
    return Recipe("gemma-3-1b-it", config, shapes, tokenizers.GEMMA)


def _gemma_3_vision() -> Recipe:
    """As Gemma 3 with pictures: a text model within, rope scaled by 8; pictures are left out."""
    text = {
        "head_dim": HEAD,
        "hidden_size": HIDDEN,
        "intermediate_size": 512,
        "model_type": "gemma3_text",
        "num_attention_heads": HEADS,
        "num_hidden_layers": 7,
        "num_key_value_heads": HEADS_KV,
        "query_pre_attn_scalar": HEAD,
        "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
        "sliding_window": _WINDOW,
        "vocab_size": 448,
    }
    config = {
        "architectures": ["Gemma3ForConditionalGeneration"],
        "boi_token_index": 4,
        "eoi_token_index": 5,
        "eos_token_id": [1, 5],
        "image_token_index": 447,
        "initializer_range": 0.02,
        "mm_tokens_per_image": 4,
        "model_type": "gemma3",
        "text_config": text,
        "torch_dtype": "bfloat16",
        "vision_config": {
            "hidden_size": 32,
            "image_size": 32,
            "intermediate_size": 64,
            "model_type": "siglip_vision_model",
            "num_attention_heads": 2,
            "num_hidden_layers": 1,
            "patch_size": 16,
            "vision_use_head": False,
        },
    }
    shapes: Shapes = {
        "language_model.model.embed_tokens.weight": (448, HIDDEN),
        "language_model.model.norm.weight": (HIDDEN,),
        "multi_modal_projector.mm_input_projection_weight": (32, HIDDEN),
        "vision_tower.vision_model.post_layernorm.weight": (32,),
    }
    shapes |= _gemma_layers(7, "language_model.model.", with_head_norms=True)
    return Recipe("gemma-3-4b-it", config, shapes, tokenizers.GEMMA)


def recipes() -> dict[str, Recipe]:
    """Name of the family -> its checkpoint."""
    return {"gemma2": _gemma_2(), "gemma3": _gemma_3(), "gemma3-vision": _gemma_3_vision()}
