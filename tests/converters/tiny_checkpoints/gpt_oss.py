"""gpt-oss: experts packed as MXFP4, attention with sinks and windows."""

from __future__ import annotations

from dataclasses import replace

from . import tokenizers
from .recipe import HEAD, HEADS, HIDDEN, Recipe, attention, ends, norms, sizes

_N_EXPERT, _N_USED, _WIDTH = 8, 3, 256


def _gpt_oss(packed: bool) -> Recipe:
    """Packed as OpenAI publishes it, or with plain experts as fine-tuned copies have them."""
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        part = f"{layer}.mlp"
        shapes |= norms(layer) | attention(layer, biases="qkvo")
        shapes[f"{layer}.self_attn.sinks"] = (HEADS,)
        shapes[f"{part}.router.weight"] = (_N_EXPERT, HIDDEN)
        shapes[f"{part}.router.bias"] = (_N_EXPERT,)
        shapes[f"{part}.experts.gate_up_proj_bias"] = (_N_EXPERT, 2 * _WIDTH)
        shapes[f"{part}.experts.down_proj_bias"] = (_N_EXPERT, HIDDEN)
        if packed:
            shapes[f"{part}.experts.gate_up_proj"] = (_N_EXPERT, 2 * _WIDTH, HIDDEN)
            shapes[f"{part}.experts.down_proj"] = (_N_EXPERT, HIDDEN, _WIDTH)
        else:
            shapes[f"{part}.experts.gate_up_proj"] = (_N_EXPERT, HIDDEN, 2 * _WIDTH)
            shapes[f"{part}.experts.down_proj"] = (_N_EXPERT, _WIDTH, HIDDEN)
    tokenizer = tokenizers.GPT_OSS
    config = sizes(
        2,
        architectures=["GptOssForCausalLM"],
        model_type="gpt_oss",
        attention_bias=True,
        attention_dropout=0.0,
        eos_token_id=tokenizer.id_of("<|return|>"),
        experts_per_token=_N_USED,
        head_dim=HEAD,
        initial_context_length=4096,
        intermediate_size=_WIDTH,
        layer_types=["sliding_attention", "full_attention"],
        max_position_embeddings=131072,
        num_experts_per_tok=_N_USED,
        num_local_experts=_N_EXPERT,
        output_router_logits=False,
        pad_token_id=tokenizer.id_of("<|endoftext|>"),
        rms_norm_eps=1e-5,
        rope_scaling={
            "beta_fast": 32.0,
            "beta_slow": 1.0,
            "factor": 32.0,
            "original_max_position_embeddings": 4096,
            "rope_type": "yarn",
            "truncate": False,
        },
        rope_theta=150000,
        router_aux_loss_coef=0.9,
        sliding_window=16,
        swiglu_limit=7.0,
        tie_word_embeddings=False,
    )
    if packed:
        config["quantization_config"] = {
            "modules_to_not_convert": [
                "model.layers.*.self_attn",
                "model.layers.*.mlp.router",
                "model.embed_tokens",
                "lm_head",
            ],
            "quant_method": "mxfp4",
        }
    generation = {
        "bos_token_id": tokenizer.id_of("<|startoftext|>"),
        "do_sample": True,
        "eos_token_id": [tokenizer.id_of("<|return|>"), tokenizer.id_of("<|call|>")],
    }
    recipe = Recipe("gpt-oss-20b", config, shapes, tokenizer, mxfp4=packed, generation=generation)
    return recipe if packed else replace(recipe, folder="gpt-oss-20b-BF16")


def recipes() -> dict[str, Recipe]:
    """Name of the family -> its checkpoint."""
    return {"gpt-oss": _gpt_oss(packed=True), "gpt-oss-plain": _gpt_oss(packed=False)}
