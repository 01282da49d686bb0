"""ERNIE 4.5, dense and with experts.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/ernie.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import gguf

from converters.architectures.base import Architecture, Keys, misread
from converters.architectures.experts import StackedExperts


class Ernie45(Architecture):
    """ERNIE 4.5, dense."""

    names: ClassVar[tuple[str, ...]] = ("Ernie4_5ForCausalLM", "Ernie4_5_ForCausalLM")
    arch = gguf.MODEL_ARCH.ERNIE4_5
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 103424, "hidden_size": 1024, "intermediate_size": 3072,
        "num_hidden_layers": 18, "num_attention_heads": 16, "num_key_value_heads": 2,
        "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
        "head_dim": 128,
    }  # fmt: skip


class Ernie45Moe(StackedExperts):
    """ERNIE 4.5 with experts, some of them shared; the first layers are dense."""

    names: ClassVar[tuple[str, ...]] = ("Ernie4_5_MoeForCausalLM",)
    arch = gguf.MODEL_ARCH.ERNIE4_5_MOE
    defaults: ClassVar[Mapping[str, Any]] = {
        **Ernie45.defaults, "hidden_size": 2560, "intermediate_size": 12288,
        "num_hidden_layers": 28, "num_attention_heads": 20, "num_key_value_heads": 4,
        "head_dim": None, "moe_intermediate_size": 1536, "moe_k": 6, "moe_num_experts": 64,
        "moe_num_shared_experts": 2, "moe_layer_start_index": 1, "moe_layer_end_index": -1,
        "moe_layer_interval": 1,
    }  # fmt: skip
    expert_kinds: ClassVar[tuple[str, ...]] = ("gate_proj", "up_proj", "down_proj")
    count_names: ClassVar[tuple[str, ...]] = ("moe_num_experts",)

    def kept_name(self, name: str) -> str | None:
        """Layers that predict further tokens are left out: llama.cpp has no place for them."""
        return None if name.startswith("model.mtp_") else super().kept_name(name)

    def add_keys(self, keys: Keys) -> None:
        """Numbers and sizes of the experts, and where they begin."""
        config = self.config
        _check_layers(config)
        keys.add_expert_count(config["moe_num_experts"])
        keys.add_expert_used_count(config["moe_k"])
        keys.add_interleave_moe_layer_step(config["moe_layer_interval"])
        keys.add_leading_dense_block_count(config["moe_layer_start_index"])
        width, n_shared = config["moe_intermediate_size"], config["moe_num_shared_experts"]
        keys.add_expert_feed_forward_length(width)
        keys.add_expert_shared_count(n_shared)
        if n_shared:
            keys.add_expert_shared_feed_forward_length(width * n_shared)


def _check_layers(config: Mapping[str, Any]) -> None:
    """Refuse what llama.cpp has no key for.

    Raises:
        UnsupportedArchitecture: It would compute something else.
    """
    last, interval = config["moe_layer_end_index"], config["moe_layer_interval"]
    if interval != 1 or last not in (-1, config["num_hidden_layers"] - 1):
        raise misread(
            f"moe_layer_interval is {interval} and moe_layer_end_index {last}; llama.cpp expects "
            "experts in every layer from the first one that has any"
        )
    if config.get("use_bias"):
        raise misread("Its projections have biases (use_bias), which llama.cpp leaves out")
