"""GLM-4.5 and its kin: mixtures of experts in which half of each head is rotated.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/glm.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import gguf

from converters.architectures.base import Keys
from converters.architectures.further import FurtherLayers


class Glm4Moe(FurtherLayers):
    """GLM-4.5, GLM-4.5-Air, GLM-4.6 and GLM-4.7."""

    names: ClassVar[tuple[str, ...]] = ("Glm4MoeForCausalLM",)
    arch = gguf.MODEL_ARCH.GLM4_MOE
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 151552, "hidden_size": 4096, "intermediate_size": 10944,
        "num_hidden_layers": 46, "num_attention_heads": 96, "partial_rotary_factor": 0.5,
        "num_key_value_heads": 8, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0, "moe_intermediate_size": 1408, "num_experts_per_tok": 8,
        "n_shared_experts": 1, "n_routed_experts": 128, "routed_scaling_factor": 1.0,
        "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1, "norm_topk_prob": True,
    }  # fmt: skip

    def add_keys(self, keys: Keys) -> None:
        """The rotated part of a head, the experts, and that they are chosen by sigmoids."""
        config = self.config
        keys.add_rope_dimension_count(int(self.head_dim * self.rope["partial_rotary_factor"]))
        keys.add_expert_feed_forward_length(config["moe_intermediate_size"])
        keys.add_expert_shared_count(config["n_shared_experts"])
        keys.add_leading_dense_block_count(config["first_k_dense_replace"])
        gating = gguf.Keys.LLM.EXPERT_GATING_FUNC
        sigmoid = gguf.ExpertGatingFuncType.SIGMOID.value
        self.set_key(keys, gating, sigmoid, gguf.GGUFValueType.UINT32)
        keys.add_expert_weights_scale(config["routed_scaling_factor"])
        keys.add_expert_weights_norm(config["norm_topk_prob"])
        super().add_keys(keys)
