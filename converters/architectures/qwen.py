"""Qwen2 and Qwen3, dense and with experts; the R1 distills of Qwen2 are Qwen2.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/qwen.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import gguf

from converters.architectures.base import Architecture, Keys, Named
from converters.architectures.experts import ExpertStacks
from converters.tensors import TensorSource


class Qwen2(Architecture):
    """Qwen 1.5, 2 and 2.5."""

    names: ClassVar[tuple[str, ...]] = ("Qwen2ForCausalLM",)
    arch = gguf.MODEL_ARCH.QWEN2
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
        "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
    }  # fmt: skip


class Qwen3(Qwen2):
    """Qwen3, dense: norms on the heads of queries and keys."""

    names: ClassVar[tuple[str, ...]] = ("Qwen3ForCausalLM",)
    arch = gguf.MODEL_ARCH.QWEN3
    defaults: ClassVar[Mapping[str, Any]] = {**Qwen2.defaults, "head_dim": 128}


class StackedExperts(Architecture):
    """Architectures whose experts are called as in Qwen2-MoE."""

    def __init__(self, config: Mapping[str, Any], sources: Mapping[str, TensorSource]) -> None:
        super().__init__(config, sources)
        self._experts = ExpertStacks(
            int(self.need("num_local_experts", "num_experts", "n_routed_experts")),
            ("down_proj", "gate_proj", "up_proj"),
            "model.layers.{layer}.mlp.experts.{expert}.{kind}.weight",
            "model.layers.{layer}.mlp.experts.{kind}.weight",
        )

    def convert(self, name: str, source: TensorSource, layer: int | None) -> Iterable[Named]:
        """Experts are stacked."""
        if self._experts.takes(name):
            for stacked, stack in self._experts.add(name, source):
                yield self.map_name(stacked), stack
        else:
            yield from super().convert(name, source, layer)

    def leftovers(self) -> Iterable[str]:
        """Experts that did not come."""
        return self._experts.missing()


class Qwen2Moe(StackedExperts):
    """Qwen 1.5 and 2 with experts, of which one is shared."""

    names: ClassVar[tuple[str, ...]] = ("Qwen2MoeForCausalLM",)
    arch = gguf.MODEL_ARCH.QWEN2MOE
    defaults: ClassVar[Mapping[str, Any]] = {
        **Qwen2.defaults, "hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 24,
        "num_attention_heads": 16, "num_key_value_heads": 16, "moe_intermediate_size": 1408,
        "shared_expert_intermediate_size": 5632, "num_experts_per_tok": 4, "num_experts": 60,
    }  # fmt: skip

    def add_keys(self, keys: Keys) -> None:
        """Sizes of the experts."""
        if (size := self.find("moe_intermediate_size")) is not None:
            keys.add_expert_feed_forward_length(size)
        if (size := self.find("shared_expert_intermediate_size")) is not None:
            keys.add_expert_shared_feed_forward_length(size)


class Qwen3Moe(Qwen2Moe):
    """Qwen3 with experts, none of them shared."""

    names: ClassVar[tuple[str, ...]] = ("Qwen3MoeForCausalLM",)
    arch = gguf.MODEL_ARCH.QWEN3MOE
    defaults: ClassVar[Mapping[str, Any]] = {
        **Qwen2.defaults, "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 24,
        "num_key_value_heads": 4, "moe_intermediate_size": 768, "num_experts_per_tok": 8,
        "num_experts": 128,
    }  # fmt: skip
