"""Dense families: every token passes every weight."""

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

_WINDOW = 16
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
        "gemma2": _gemma_2(),
        "gemma3": _gemma_3(),
        "gemma3-vision": _gemma_3_vision(),
        "smollm3": _smollm_3(),
    }
