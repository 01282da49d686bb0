"""Further forms of families that published models have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import gemma, tokenizers
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
    norms,
    sizes,
)

_N_EXPERT, _N_USED, _WIDTH = 8, 3, 256
_LAYERS = ("model.layers.0", "model.layers.1")


def _llama_biased() -> Recipe:
    """Llama with a bias on every projection."""
    shapes = ends()
    for layer in _LAYERS:
        shapes |= norms(layer) | attention(layer, biases="qkvo") | feed_forward(f"{layer}.mlp", 512)
        shapes |= {
            f"{layer}.mlp.gate_proj.bias": (512,),
            f"{layer}.mlp.up_proj.bias": (512,),
            f"{layer}.mlp.down_proj.bias": (HIDDEN,),
        }
    config = sizes(
        2,
        architectures=["LlamaForCausalLM"],
        model_type="llama",
        attention_bias=True,
        bos_token_id=1,
        eos_token_id=2,
        intermediate_size=512,
        max_position_embeddings=4096,
        mlp_bias=True,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
    )
    return Recipe("Llama-biased", config, shapes, tokenizers.LLAMA_2)


def _granite_config(kind: str, architecture: str, **more: Any) -> dict[str, Any]:
    return sizes(
        2,
        architectures=[architecture],
        model_type=kind,
        attention_bias=False,
        attention_dropout=0.0,
        attention_multiplier=0.015625,
        bos_token_id=0,
        embedding_multiplier=12.0,
        eos_token_id=0,
        logits_scaling=8.0,
        max_position_embeddings=131072,
        pad_token_id=0,
        residual_multiplier=0.22,
        rope_scaling=None,
        rope_theta=10000000.0,
        tie_word_embeddings=True,
        torch_dtype="bfloat16",
        **more,
    )


def _granite() -> Recipe:
    shapes = ends(tied=True)
    for layer in _LAYERS:
        shapes |= norms(layer) | attention(layer) | feed_forward(f"{layer}.mlp", 512)
    config = _granite_config("granite", "GraniteForCausalLM", intermediate_size=512, mlp_bias=False)
    return Recipe("granite-3.3-2b-instruct", config, shapes, tokenizers.GRANITE)


def _granite_moe_shared() -> Recipe:
    """Gate and up of the shared expert lie in one tensor, as those of the others do."""
    shapes = ends(tied=True)
    for layer in _LAYERS:
        part = f"{layer}.block_sparse_moe"
        shapes |= norms(layer) | attention(layer)
        shapes[f"{layer}.shared_mlp.input_linear.weight"] = (2 * 512, HIDDEN)
        shapes[f"{layer}.shared_mlp.output_linear.weight"] = (HIDDEN, 512)
        shapes[f"{part}.input_linear.weight"] = (_N_EXPERT, 2 * _WIDTH, HIDDEN)
        shapes[f"{part}.output_linear.weight"] = (_N_EXPERT, HIDDEN, _WIDTH)
        shapes[f"{part}.router.layer.weight"] = (_N_EXPERT, HIDDEN)
    config = _granite_config(
        "granitemoeshared",
        "GraniteMoeSharedForCausalLM",
        intermediate_size=_WIDTH,
        num_experts_per_tok=_N_USED,
        num_local_experts=_N_EXPERT,
        output_router_logits=False,
        router_aux_loss_coef=0.0,
        shared_intermediate_size=512,
    )
    return Recipe("granite-moe-shared", config, shapes, tokenizers.GRANITE)


def _phi_4(folder: str, tied: bool, **more: Any) -> Recipe:
    """As Phi-3, with byte pairs; without a window."""
    shapes: Shapes = ends(tied=tied)
    for layer in _LAYERS:
        shapes |= norms(layer)
        shapes[f"{layer}.self_attn.qkv_proj.weight"] = ((HEADS + 2 * HEADS_KV) * HEAD, HIDDEN)
        shapes[f"{layer}.self_attn.o_proj.weight"] = (HIDDEN, HIDDEN)
        shapes[f"{layer}.mlp.gate_up_proj.weight"] = (2 * 512, HIDDEN)
        shapes[f"{layer}.mlp.down_proj.weight"] = (HIDDEN, 512)
    tokenizer = replace(tokenizers.GPT_OSS, tokenizer_class="GPT2Tokenizer")
    config = sizes(
        2,
        architectures=["Phi3ForCausalLM"],
        model_type="phi3",
        attention_bias=False,
        attention_dropout=0.0,
        bos_token_id=tokenizer.id_of("<|endoftext|>"),
        embd_pdrop=0.0,
        eos_token_id=tokenizer.id_of("<|endoftext|>"),
        intermediate_size=512,
        pad_token_id=tokenizer.id_of("<|endoftext|>"),
        resid_pdrop=0.0,
        rms_norm_eps=1e-5,
        tie_word_embeddings=tied,
        torch_dtype="bfloat16",
        **more,
    )
    return Recipe(folder, config, shapes, tokenizer)


def _phi_4_mini() -> Recipe:
    """Three quarters of each head turn."""
    n_pairs = HEAD * 3 // 4 // 2
    return _phi_4(
        "Phi-4-mini-instruct",
        tied=True,
        max_position_embeddings=131072,
        original_max_position_embeddings=4096,
        partial_rotary_factor=0.75,
        rope_scaling={
            "long_factor": [round(1 + 1.9 * place, 2) for place in range(n_pairs)],
            "short_factor": [1.0] * n_pairs,
            "type": "longrope",
        },
        rope_theta=10000.0,
        sliding_window=262144,
    )


def recipes() -> dict[str, Recipe]:
    """Name of the form -> its checkpoint."""
    gemma_2 = gemma.recipes()["gemma2"]
    return {
        "llama-biased": _llama_biased(),
        "granite": _granite(),
        "granitemoeshared": _granite_moe_shared(),
        "phi4": _phi_4(
            "phi-4", False, max_position_embeddings=16384, rope_scaling=None, rope_theta=250000
        ),
        "phi4-mini": _phi_4_mini(),
        # Norms in float16: the one that is added to them is rounded.
        "gemma2-f16": replace(gemma_2, folder="gemma-2-2b-it-f16", dtype="F16"),
    }
