"""Dense families: every token passes every weight."""

from __future__ import annotations

from . import tokenizers
from .recipe import (
    HEAD,
    HEADS,
    HEADS_KV,
    HIDDEN,
    Recipe,
    attention,
    ends,
    feed_forward,
    head_norms,
    norms,
    sizes,
)

_LLAMA_CARD = """---
license: llama3.2
language:
- en
- de
pipeline_tag: text-generation
tags:
- facebook
- meta
base_model: meta-llama/Llama-3.2-1B
datasets:
- example-org/Tiny-Talk
---

# A small model
"""


def _qwen_2() -> Recipe:
    shapes = ends(tied=True)
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer, biases="qkv") | feed_forward(f"{layer}.mlp", 512)
    tokenizer = tokenizers.QWEN_2
    config = sizes(
        2,
        architectures=["Qwen2ForCausalLM"],
        model_type="qwen2",
        attention_dropout=0.0,
        bos_token_id=tokenizer.id_of("<|endoftext|>"),
        eos_token_id=tokenizer.id_of("<|im_end|>"),
        intermediate_size=512,
        max_position_embeddings=32768,
        max_window_layers=2,
        rope_theta=1000000.0,
        sliding_window=32768,
        tie_word_embeddings=True,
        torch_dtype="bfloat16",
        use_sliding_window=False,
    )
    generation = {
        "do_sample": True,
        "repetition_penalty": 1.1,
        "temperature": 0.7,
        "top_p": 0.8,
        "top_k": 20,
        "eos_token_id": [config["eos_token_id"], config["bos_token_id"]],
    }
    return Recipe("Qwen2.5-0.1B-Instruct", config, shapes, tokenizer, generation=generation)


def _qwen_3() -> Recipe:
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer, head=128) | head_norms(layer, 128)
        # A width that no K-quant divides: llama.cpp falls back for these rows.
        shapes |= feed_forward(f"{layer}.mlp", 416)
    tokenizer = tokenizers.QWEN_3
    config = sizes(
        2,
        architectures=["Qwen3ForCausalLM"],
        model_type="qwen3",
        attention_bias=False,
        attention_dropout=0.0,
        bos_token_id=tokenizer.id_of("<|endoftext|>"),
        eos_token_id=tokenizer.id_of("<|im_end|>"),
        head_dim=128,
        intermediate_size=416,
        max_position_embeddings=40960,
        max_window_layers=2,
        rope_scaling=None,
        rope_theta=1000000,
        sliding_window=None,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
        use_sliding_window=False,
    )
    return Recipe("Qwen3-0.1B", config, shapes, tokenizer)


def _llama_2() -> Recipe:
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer, heads_kv=HEADS)
        shapes |= feed_forward(f"{layer}.mlp", 512)
        # Old checkpoints keep this table; it is no weight.
        shapes[f"{layer}.self_attn.rotary_emb.inv_freq"] = (HEAD // 2,)
    config = sizes(
        2,
        architectures=["LlamaForCausalLM"],
        model_type="llama",
        bos_token_id=1,
        eos_token_id=2,
        intermediate_size=512,
        max_position_embeddings=4096,
        num_key_value_heads=HEADS,
        pretraining_tp=1,
        rms_norm_eps=1e-5,
        rope_scaling=None,
        tie_word_embeddings=False,
        torch_dtype="float16",
    )
    return Recipe("Llama-2-1b-chat-hf", config, shapes, tokenizers.LLAMA_2, dtype="F16")


def _llama_3() -> Recipe:
    shapes = ends(tied=True)
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer) | feed_forward(f"{layer}.mlp", 512)
    tokenizer = tokenizers.LLAMA_3
    endings = [tokenizer.id_of(t) for t in ("<|end_of_text|>", "<|eom_id|>", "<|eot_id|>")]
    config = sizes(
        2,
        architectures=["LlamaForCausalLM"],
        model_type="llama",
        attention_bias=False,
        attention_dropout=0.0,
        bos_token_id=tokenizer.id_of("<|begin_of_text|>"),
        eos_token_id=endings,
        head_dim=HEAD,
        intermediate_size=512,
        max_position_embeddings=131072,
        mlp_bias=False,
        pretraining_tp=1,
        rms_norm_eps=1e-5,
        rope_scaling={
            "factor": 32.0,
            "high_freq_factor": 4.0,
            "low_freq_factor": 1.0,
            "original_max_position_embeddings": 8192,
            "rope_type": "llama3",
        },
        rope_theta=500000.0,
        tie_word_embeddings=True,
        torch_dtype="bfloat16",
    )
    generation = {
        "bos_token_id": config["bos_token_id"],
        "do_sample": True,
        "eos_token_id": endings,
        "temperature": 0.6,
        "top_p": 0.9,
    }
    return Recipe(
        "Llama-3.2-1B-Instruct",
        config,
        shapes,
        tokenizer,
        card=_LLAMA_CARD,
        generation=generation,
    )


def _mistral() -> Recipe:
    """As Mistral Nemo: the heads are narrower together than the model, and tekken is read."""
    heads = 2
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer) | attention(layer, heads_kv=1, heads=heads)
        shapes |= feed_forward(f"{layer}.mlp", 512)
    config = sizes(
        2,
        architectures=["MistralForCausalLM"],
        model_type="mistral",
        attention_dropout=0.0,
        bos_token_id=1,
        eos_token_id=2,
        head_dim=HEAD,
        intermediate_size=512,
        max_position_embeddings=131072,
        num_attention_heads=heads,
        num_key_value_heads=1,
        rms_norm_eps=1e-5,
        rope_theta=1000000.0,
        sliding_window=None,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
    )
    return Recipe("Mistral-Nemo-Instruct-2407", config, shapes, tokenizers.TEKKEN)


def _olmo_2() -> Recipe:
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer, "post_attention_layernorm", "post_feedforward_layernorm")
        shapes |= attention(layer, heads_kv=HEADS) | head_norms(layer, HIDDEN)
        shapes |= feed_forward(f"{layer}.mlp", 512)
    tokenizer = tokenizers.OLMO_2
    config = sizes(
        2,
        architectures=["Olmo2ForCausalLM"],
        model_type="olmo2",
        attention_bias=False,
        attention_dropout=0.0,
        eos_token_id=tokenizer.id_of("<|endoftext|>"),
        intermediate_size=512,
        max_position_embeddings=4096,
        num_key_value_heads=HEADS,
        pad_token_id=tokenizer.id_of("<|pad|>"),
        rope_scaling=None,
        rope_theta=500000,
        tie_word_embeddings=False,
        torch_dtype="float32",
    )
    return Recipe("OLMo-2-1124-1B", config, shapes, tokenizer, dtype="F32")


def _phi_3() -> Recipe:
    """As Phi-3-mini-128k: queries, keys and values in one matrix, gate and up in another."""
    shapes = ends()
    for layer in (f"model.layers.{index}" for index in range(2)):
        shapes |= norms(layer)
        shapes[f"{layer}.self_attn.qkv_proj.weight"] = ((HEADS + 2 * HEADS_KV) * HEAD, HIDDEN)
        shapes[f"{layer}.self_attn.o_proj.weight"] = (HIDDEN, HIDDEN)
        shapes[f"{layer}.mlp.gate_up_proj.weight"] = (2 * 512, HIDDEN)
        shapes[f"{layer}.mlp.down_proj.weight"] = (HIDDEN, 512)
    tokenizer = tokenizers.PHI_3
    config = sizes(
        2,
        architectures=["Phi3ForCausalLM"],
        model_type="phi3",
        attention_bias=False,
        attention_dropout=0.0,
        bos_token_id=1,
        embd_pdrop=0.0,
        eos_token_id=tokenizer.id_of("<|endoftext|>"),
        intermediate_size=512,
        max_position_embeddings=131072,
        original_max_position_embeddings=4096,
        pad_token_id=tokenizer.id_of("<|endoftext|>"),
        resid_pdrop=0.0,
        rms_norm_eps=1e-5,
        rope_scaling={
            "long_factor": [round(1 + 1.9 * place, 2) for place in range(HEAD // 2)],
            "short_factor": [round(1 + 0.05 * place, 2) for place in range(HEAD // 2)],
            "type": "longrope",
        },
        rope_theta=10000.0,
        sliding_window=262144,
        tie_word_embeddings=False,
        torch_dtype="bfloat16",
    )
    eos = [tokenizer.id_of(t) for t in ("<|endoftext|>", "<|assistant|>", "<|end|>")]
    return Recipe(
        "Phi-3-mini-128k-instruct", config, shapes, tokenizer, generation={"eos_token_id": eos}
    )


def _smollm_3() -> Recipe:
    """Five layers, the fourth of them without positions."""
    shapes = ends(tied=True)
    for layer in (f"model.layers.{index}" for index in range(5)):
        shapes |= norms(layer) | attention(layer) | feed_forward(f"{layer}.mlp", 512)
    tokenizer = tokenizers.SMOLLM_3
    config = sizes(
        5,
        architectures=["SmolLM3ForCausalLM"],
        model_type="smollm3",
        attention_bias=False,
        attention_dropout=0.0,
        bos_token_id=tokenizer.id_of("<|begin_of_text|>"),
        eos_token_id=tokenizer.id_of("<|im_end|>"),
        intermediate_size=512,
        layer_types=["full_attention"] * 5,
        max_position_embeddings=65536,
        max_window_layers=28,
        mlp_bias=False,
        no_rope_layer_interval=4,
        no_rope_layers=[1, 1, 1, 0, 1],
        pad_token_id=tokenizer.id_of("<|im_end|>"),
        pretraining_tp=2,
        rope_scaling=None,
        rope_theta=5000000.0,
        sliding_window=None,
        torch_dtype="bfloat16",
        use_sliding_window=False,
    )
    return Recipe("SmolLM3-3B", config, shapes, tokenizer)


def recipes() -> dict[str, Recipe]:
    """Name of the family -> its checkpoint."""
    return {
        "qwen2": _qwen_2(),
        "qwen3": _qwen_3(),
        "llama2": _llama_2(),
        "llama3": _llama_3(),
        "mistral": _mistral(),
        "olmo2": _olmo_2(),
        "phi3": _phi_3(),
        "smollm3": _smollm_3(),
    }
