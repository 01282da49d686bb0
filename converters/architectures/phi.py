"""Phi-3, Phi-3.5, Phi-4 and Phi-MoE: factors for short and for long texts.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/phi.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import gguf
import numpy as np

from converters.architectures.base import Architecture, Keys, Named
from converters.architectures.experts import StackedExperts
from converters.architectures.hyperparameters import full_attention
from converters.tensors import Constant


class Phi3(Architecture):
    """Phi-3, Phi-3.5-mini, Phi-4 and Phi-4-mini: fused projections, which llama.cpp splits."""

    names: ClassVar[tuple[str, ...]] = ("Phi3ForCausalLM",)
    arch = gguf.MODEL_ARCH.PHI3
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": None,
        "max_position_embeddings": 4096, "original_max_position_embeddings": 4096,
        "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "partial_rotary_factor": 1.0,
        "sliding_window": None,
    }  # fmt: skip
    # transformers takes all three for the same.
    scalings: ClassVar[tuple[str, ...]] = ("longrope", "su", "yarn")

    @property
    def rope_dims(self) -> int:
        """Columns of a head that are rotated."""
        share = float(self.rope.get("partial_rotary_factor", 1.0))
        return int(share * self.config["hidden_size"]) // int(self.config["num_attention_heads"])

    def add_leading_keys(self, keys: Keys) -> None:
        """What attention is multiplied with where the context was lengthened.

        Source: https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/modeling_rope_utils.py
        (`_compute_longrope_parameters`)
        """
        if not self.rope.get("long_factor"):
            return
        kind = str(self.rope.get("rope_type")).lower()
        if kind not in self.scalings:
            raise ValueError(f"rope_scaling is of the type {kind!r}, not {self.scalings}")
        old_context = self.rope["original_max_position_embeddings"]
        scale = self.config["max_position_embeddings"] / old_context
        factor = math.sqrt(1 + math.log(scale) / math.log(old_context)) if scale > 1 else 1.0
        keys.add_rope_scaling_attn_factors(factor)

    def add_common_keys(self, keys: Keys, file_type: gguf.LlamaFileType) -> None:
        """An order of its own; no window is written as zero, by which llama.cpp knows Phi-4."""
        keys.add_context_length(self.config["max_position_embeddings"])
        keys.add_rope_scaling_orig_ctx_len(self.rope["original_max_position_embeddings"])
        keys.add_embedding_length(self.config["hidden_size"])
        keys.add_feed_forward_length(self.config["intermediate_size"])
        keys.add_block_count(self.n_layers)
        keys.add_head_count(self.config["num_attention_heads"])
        keys.add_head_count_kv(self.config["num_key_value_heads"])
        keys.add_layer_norm_rms_eps(self.config["rms_norm_eps"])
        keys.add_rope_dimension_count(self.rope_dims)
        keys.add_rope_freq_base(full_attention(self.rope)["rope_theta"])
        keys.add_file_type(file_type)
        keys.add_sliding_window(self.config["sliding_window"] or 0)

    def extra_tensors(self) -> Iterable[Named]:
        """Factors of the frequencies, one for each rotated pair.

        Raises:
            ValueError: There are more or fewer.
        """
        if not self.rope.get("long_factor"):
            return
        tensors = {
            "long_factor": gguf.MODEL_TENSOR.ROPE_FACTORS_LONG,
            "short_factor": gguf.MODEL_TENSOR.ROPE_FACTORS_SHORT,
        }
        for name, tensor in tensors.items():
            factors = np.asarray(self.rope.get(name) or [], dtype=np.float32)
            if factors.shape != (self.rope_dims // 2,):
                raise ValueError(
                    f"{name} of rope_scaling has {factors.size} numbers, not {self.rope_dims // 2}"
                )
            yield self.name_of(tensor), Constant(factors)


class PhiMoe(StackedExperts, Phi3):
    """Phi-3.5-MoE."""

    names: ClassVar[tuple[str, ...]] = ("PhiMoEForCausalLM",)
    arch = gguf.MODEL_ARCH.PHIMOE
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 32064, "hidden_size": 4096, "intermediate_size": 6400,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
        "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 1e6,
        "sliding_window": None, "num_experts_per_tok": 2, "num_local_experts": 16,
    }  # fmt: skip
    scalings: ClassVar[tuple[str, ...]] = ("longrope", "su")
    expert_kinds: ClassVar[tuple[str, ...]] = ("w1", "w2", "w3")
    expert_names: ClassVar[str] = (
        "model.layers.{layer}.block_sparse_moe.experts.{expert}.{kind}.weight"
    )
    stack_names: ClassVar[str] = "model.layers.{layer}.block_sparse_moe.experts.{kind}.weight"

    def add_keys(self, keys: Keys) -> None:
        """How many experts there are."""
        keys.add_expert_used_count(self.config["num_experts_per_tok"])
        keys.add_expert_count(self.config["num_local_experts"])
