"""OLMo 2, and OLMoE, whose every layer is a mixture of experts.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/olmo.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import gguf

from converters.architectures.base import Architecture, Keys
from converters.architectures.experts import StackedExperts


class Olmo2(Architecture):
    """OLMo 2."""

    names: ClassVar[tuple[str, ...]] = ("Olmo2ForCausalLM",)
    arch = gguf.MODEL_ARCH.OLMO2
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 50304, "hidden_size": 4096, "intermediate_size": 11008,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": None,
        "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
    }  # fmt: skip


class Olmoe(StackedExperts):
    """OLMoE."""

    names: ClassVar[tuple[str, ...]] = ("OlmoeForCausalLM",)
    arch = gguf.MODEL_ARCH.OLMOE
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 50304, "hidden_size": 2048, "intermediate_size": 2048,
        "num_hidden_layers": 16, "num_attention_heads": 16, "num_key_value_heads": None,
        "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
        "num_experts_per_tok": 8, "num_experts": 64,
    }  # fmt: skip

    def add_keys(self, keys: Keys) -> None:
        """llama.cpp's converter takes the norm's epsilon for fixed."""
        epsilon = gguf.Keys.Attention.LAYERNORM_RMS_EPS
        self.set_key(keys, epsilon, 1e-5, gguf.GGUFValueType.FLOAT32)
