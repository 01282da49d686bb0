"""The keys that many architectures share, found in a configuration under its many names.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/base.py)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gguf

_TEXT_CONFIGS = ("text_config", "llm_config", "lm_config", "language_config")
_OTHER_MODALITY_STARTS = (
    "mlp", "vit.", "vpm.", "siglip2.", "conformer.", "merger.", "resampler.", "sound_encoder.",
    "sound_projection.", "speech_embeddings.",
)  # fmt: skip
_OTHER_MODALITIES = (
    "visual.", "vision.", "audio.", "talker.", "vision_", "audio_", "token2wav.", "code2wav.",
    "projector.", "pre_mm_projector_norm", "image_newline", "view_seperator", "patch_embed",
    "patch_merger.", "patch_merge_mlp.", "model.connector.",
)  # fmt: skip
_GATING = {
    "sigmoid": gguf.ExpertGatingFuncType.SIGMOID,
    "softmax": gguf.ExpertGatingFuncType.SOFTMAX,
}

# Beyond these no model is known, nor does llama.cpp run one: what counts up to them ends soon.
_LARGEST = {
    "num_hidden_layers": 512, "n_layers": 512, "n_layer": 512, "num_layers": 512,
    "num_nextn_predict_layers": 512, "num_local_experts": 4096, "num_experts": 4096,
    "n_routed_experts": 4096, "moe_num_experts": 4096, "vocab_size": 1 << 22, "head_dim": 1 << 20,
    "hidden_size": 1 << 20, "num_attention_heads": 1 << 20, "num_key_value_heads": 1 << 20,
    "qk_nope_head_dim": 1 << 20, "qk_rope_head_dim": 1 << 20, "v_head_dim": 1 << 20,
}  # fmt: skip

# Keys of GGUF in their order, each with the names that configurations have for it.
_SIZES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("add_context_length", (
        "max_position_embeddings", "n_ctx", "n_positions", "max_length", "max_sequence_length",
        "model_max_length",
    )),
    ("add_embedding_length", ("hidden_size", "n_embd", "dim")),
    ("add_feed_forward_length", (
        "prefix_dense_intermediate_size", "dense_intermediate_size", "intermediate_size",
        "n_inner", "hidden_dim",
    )),
    ("add_head_count", ("num_attention_heads", "n_head", "n_heads")),
    ("add_head_count_kv", ("num_key_value_heads", "n_kv_heads")),
)  # fmt: skip
_NORMS_AND_EXPERTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("add_layer_norm_rms_eps", ("rms_norm_eps", "norm_eps")),
    ("add_layer_norm_eps", ("layer_norm_eps", "layer_norm_epsilon", "norm_epsilon")),
    ("add_expert_count", ("num_local_experts", "num_experts", "n_routed_experts")),
    ("add_expert_used_count", (
        "num_experts_per_tok", "num_experts_per_token", "top_k_experts",
    )),
    ("add_expert_group_count", ("n_group",)),
    ("add_expert_group_used_count", ("topk_group",)),
)  # fmt: skip


def of_text_model(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with that of its text model brought to the top."""
    for key in _TEXT_CONFIGS:
        inner = config.get(key)
        if isinstance(inner, Mapping):
            return {**config, **inner}
    return dict(config)


def check_sizes(config: Mapping[str, Any]) -> None:
    """Refuse numbers that no model has.

    Raises:
        ValueError: A size is beyond them.
    """
    for key, largest in _LARGEST.items():
        value = config.get(key)
        if isinstance(value, int | float) and value > largest:
            raise ValueError(f"{key} is {value:.4g}; at most {largest:,} are possible")


def text_model_name(name: str) -> str | None:
    """A tensor's name without the prefix of the text model; None for one of another modality."""
    if name.startswith(_OTHER_MODALITY_STARTS) or any(part in name for part in _OTHER_MODALITIES):
        return None
    if name.endswith("e_score_correction_bias"):
        name = name.replace("e_score_correction_bias", "e_score_correction.bias")
    return name.replace("language_model.", "")


def rope_parameters(config: Mapping[str, Any]) -> dict[str, Any]:
    """`rope_parameters` or `rope_scaling`, with what older configurations hold beside it."""
    rope = dict(config.get("rope_parameters", config.get("rope_scaling")) or {})
    if "full_attention" in rope or "sliding_attention" in rope:
        return rope

    def first(*keys: str) -> Any:
        return next((config[key] for key in keys if key in config), None)

    local = first(
        "local_rope_theta", "rope_local_theta", "rope_theta_local", "swa_rope_theta",
        "rope_local_base_freq",
    )  # fmt: skip
    if local is not None:
        rope["sliding_attention"] = {"rope_theta": local}
    beside = {
        "rope_theta": first(
            "global_rope_theta", "rope_global_theta", "rope_theta_global", "rope_theta",
            "rotary_emb_base",
        ),
        "rope_type": rope.get("type"),
        "partial_rotary_factor": first("partial_rotary_factor", "rope_pct", "rope_percent"),
        "original_max_position_embeddings": first("original_max_position_embeddings"),
    }  # fmt: skip
    for key, value in beside.items():
        if value is not None:
            rope.setdefault(key, value)
    return rope


def full_attention(rope: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of layers that see everything."""
    found: Mapping[str, Any] = rope.get("full_attention", rope)
    return found


def add_common_keys(
    keys: Any, config: Mapping[str, Any], rope: Mapping[str, Any], n_layers: int
) -> None:
    """Add the keys that all architectures have, in the order of llama.cpp's converter.

    Args:
        keys: A `gguf.GGUFWriter`.
        config: The configuration of the text model.
        rope: What `rope_parameters` gave.
        n_layers: Layers of the result.

    Raises:
        KeyError: A value that another one needs is missing.
        ValueError: A value is none that llama.cpp knows.
    """
    keys.add_block_count(n_layers)
    _add_found(keys, config, _SIZES)
    if config.get("is_causal") is False:
        keys.add_causal_attention(False)
    _add_rope(keys, rope)
    _add_found(keys, config, _NORMS_AND_EXPERTS)
    _add_gating(keys, config)
    if (head_dim := config.get("head_dim")) is not None:
        keys.add_key_length(head_dim)
        keys.add_value_length(head_dim)


def _add_found(
    keys: Any, config: Mapping[str, Any], table: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    for method, names in table:
        value = next((config[name] for name in names if name in config), None)
        if value is not None:
            getattr(keys, method)(value)


def _add_rope(keys: Any, rope: Mapping[str, Any]) -> None:
    parameters = full_attention(rope)
    scaling = parameters.get("rope_type")
    if scaling is not None and (add := _SCALINGS.get(scaling)) is not None:
        add(keys, parameters)
    if "mrope_section" in rope:
        keys.add_rope_dimension_sections(([*rope["mrope_section"], 0, 0, 0, 0])[:4])
    if (theta := parameters.get("rope_theta")) is not None:
        keys.add_rope_freq_base(theta)
    if (theta := rope.get("sliding_attention", {}).get("rope_theta")) is not None:
        keys.add_rope_freq_base_swa(theta)


def _add_linear(keys: Any, parameters: Mapping[str, Any]) -> None:
    if (factor := parameters.get("factor")) is not None:
        keys.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        keys.add_rope_scaling_factor(factor)


def _add_yarn(keys: Any, parameters: Mapping[str, Any]) -> None:
    if (factor := parameters.get("factor")) is None:
        return
    keys.add_rope_scaling_type(gguf.RopeScalingType.YARN)
    keys.add_rope_scaling_factor(factor)
    keys.add_rope_scaling_orig_ctx_len(parameters["original_max_position_embeddings"])
    optional = {
        "ext_factor": parameters.get("extrapolation_factor"),
        "attn_factor": parameters.get("attention_factor", parameters.get("attn_factor")),
        "beta_fast": parameters.get("beta_fast"),
        "beta_slow": parameters.get("beta_slow"),
    }
    for name, value in optional.items():
        if value is not None:
            getattr(keys, f"add_rope_scaling_yarn_{name}")(value)


def _add_long(keys: Any, _parameters: Mapping[str, Any]) -> None:
    keys.add_rope_scaling_type(gguf.RopeScalingType.LONGROPE)


# "llama3" becomes a tensor of factors, "dynamic" is the architecture's own affair.
_SCALINGS: dict[str, Callable[[Any, Mapping[str, Any]], None]] = {
    "linear": _add_linear,
    "yarn": _add_yarn,
    "su": _add_long,
    "longrope": _add_long,
}


def _add_gating(keys: Any, config: Mapping[str, Any]) -> None:
    names = (
        "score_function", "scoring_func", "score_func", "moe_router_activation",
        "moe_router_activation_func", "expert_selection_fn",
    )  # fmt: skip
    gating = next((config[name] for name in names if name in config), None)
    if gating is None:
        return
    if gating not in _GATING:
        raise ValueError(f"the gating function {gating!r} of its experts is unknown")
    keys.add_expert_gating_func(_GATING[gating])
