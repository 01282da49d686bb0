"""Configurations that say little, or something unusual; `references/make_keys.py` has their keys.

Where a configuration is silent, llama.cpp's converter writes what transformers' class fills in.
"""

from __future__ import annotations

from tests.converters.tiny_checkpoints.recipe import Json

_MODEL_TYPES = {
    "Ernie4_5ForCausalLM": "ernie4_5",
    "Ernie4_5_MoeForCausalLM": "ernie4_5_moe",
    "Gemma2ForCausalLM": "gemma2",
    "Gemma3ForCausalLM": "gemma3_text",
    "GraniteForCausalLM": "granite",
    "GraniteMoeForCausalLM": "granitemoe",
    "GraniteMoeSharedForCausalLM": "granitemoeshared",
    "LlamaForCausalLM": "llama",
    "MistralForCausalLM": "mistral",
    "MixtralForCausalLM": "mixtral",
    "Olmo2ForCausalLM": "olmo2",
    "OlmoeForCausalLM": "olmoe",
    "Phi3ForCausalLM": "phi3",
    "PhiMoEForCausalLM": "phimoe",
    "Qwen2ForCausalLM": "qwen2",
    "Qwen2MoeForCausalLM": "qwen2_moe",
    "Qwen3ForCausalLM": "qwen3",
    "Qwen3MoeForCausalLM": "qwen3_moe",
    "SmolLM3ForCausalLM": "smollm3",
}
_YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
_LLAMA_3 = {
    "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}  # fmt: skip


def _of(architecture: str, **more: object) -> Json:
    return {
        "architectures": [architecture],
        "model_type": _MODEL_TYPES[architecture],
        "bos_token_id": 1,
        "eos_token_id": 2,
        **more,
    }


def _factors(count: int, **more: object) -> Json:
    return {"long_factor": [2.0] * count, "short_factor": [1.0] * count, **more}


CONFIGURATIONS: dict[str, Json] = {
    name: _of(name) for name in _MODEL_TYPES if name != "PhiMoEForCausalLM"
} | {
    "gemma2, a window": _of("Gemma2ForCausalLM", sliding_window=512, rms_norm_eps=1e-5),
    "gemma3, all layers see everything": _of("Gemma3ForCausalLM", sliding_window_pattern=1),
    "gemma3, 27 billion": _of(
        "Gemma3ForCausalLM", num_hidden_layers=62, hidden_size=5376, num_attention_heads=32,
        num_key_value_heads=16, head_dim=128, query_pre_attn_scalar=168, sliding_window=1024,
    ),
    "gemma3, a limit": _of("Gemma3ForCausalLM", final_logit_softcapping=20.0),
    "gemma3, pictures": {
        "architectures": ["Gemma3ForConditionalGeneration"],
        "model_type": "gemma3",
        "text_config": {"model_type": "gemma3_text", "hidden_size": 2560, "sliding_window": 1024},
        "vision_config": {"model_type": "siglip_vision_model", "hidden_size": 1152},
    },
    "gemma3, linear": _of(
        "Gemma3ForCausalLM",
        rope_local_base_freq=5000,
        rope_scaling={"rope_type": "linear", "factor": 8.0},
    ),
    "granite, multipliers": _of(
        "GraniteForCausalLM", attention_multiplier=0.0078125, logits_scaling=0, head_dim=64
    ),
    "granitemoeshared, both kinds": _of(
        "GraniteMoeSharedForCausalLM", num_local_experts=32, shared_intermediate_size=4096
    ),
    "llama, linear": _of("LlamaForCausalLM", rope_scaling={"type": "linear", "factor": 2.0}),
    "llama, dynamic": _of("LlamaForCausalLM", rope_scaling={"type": "dynamic", "factor": 2.0}),
    "llama, llama3": _of("LlamaForCausalLM", rope_scaling=_LLAMA_3, num_key_value_heads=8),
    "llama, a head": _of("LlamaForCausalLM", head_dim=96, num_attention_heads=24),
    "mistral, a head": _of("MistralForCausalLM", head_dim=128, hidden_size=5120),
    "mixtral, a window": _of("MixtralForCausalLM", sliding_window=4096, num_local_experts=4),
    "olmo2, linear": _of("Olmo2ForCausalLM", rope_scaling={"type": "linear", "factor": 4.0}),
    "phi3, su": _of(
        "Phi3ForCausalLM", max_position_embeddings=131072, rope_scaling=_factors(48, type="su")
    ),
    "phi3, partial": _of(
        "Phi3ForCausalLM",
        hidden_size=3072,
        num_attention_heads=24,
        partial_rotary_factor=0.75,
        max_position_embeddings=131072,
        rope_scaling=_factors(48, type="longrope"),
        sliding_window=262144,
    ),
    "phimoe, longrope": _of(
        "PhiMoEForCausalLM",
        rope_scaling=_factors(
            64,
            type="longrope",
            short_mscale=1.2,
            long_mscale=1.2,
            original_max_position_embeddings=4096,
        ),
    ),
    "qwen2, yarn": _of("Qwen2ForCausalLM", rope_scaling={**_YARN, "beta_fast": 16.0}),
    "qwen2, yarn by its older name": _of(
        "Qwen2ForCausalLM",
        rope_scaling={"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768},
    ),
    "qwen2, a window": _of("Qwen2ForCausalLM", use_sliding_window=True, sliding_window=4096),
    "qwen3, no head": _of("Qwen3ForCausalLM", head_dim=None, rope_scaling=_YARN),
    "qwen3moe, a head": _of("Qwen3MoeForCausalLM", head_dim=128, rope_scaling=_YARN),
    "qwen2moe, few": _of("Qwen2MoeForCausalLM", num_experts=8, num_experts_per_tok=2),
    "smollm3, a head": _of("SmolLM3ForCausalLM", head_dim=64, rope_scaling=_YARN),
}  # fmt: skip
