"""DeepSeek V2, V2-Lite, V3, R1 and V3.1: attention over small latent vectors (MLA).

llama.cpp computes MLA as attention with a single head of keys and values, the latent vector. For
that, the matrix that would expand it is split into one part for keys, transposed, and one for
values.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/deepseek.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import gguf
import numpy as np

from converters.architectures import hyperparameters
from converters.architectures.base import Keys, Named
from converters.architectures.further import FurtherLayers
from converters.errors import UnsupportedArchitecture
from converters.tensors import RowsChosen, TensorSource, Transposed

_UINT32 = gguf.GGUFValueType.UINT32
_KEYS_AND_VALUES = "kv_b_proj.weight"
# How llama.cpp tells models that project their queries in one step: by nothing else.
# Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
# src/models/deepseek2.cpp, `is_lite`)
_LITE_LAYERS = (26, 27)
_LITE_LAYERS_AND_TOKENS = (48, 128256)
_NOT_RUN = "Choose another model; a newer version of Conclave, with a newer llama.cpp, may run it."


class DeepseekV2(FurtherLayers):
    """DeepSeek V2 and V2-Lite."""

    names: ClassVar[tuple[str, ...]] = ("DeepseekV2ForCausalLM",)
    arch = gguf.MODEL_ARCH.DEEPSEEK2
    keeps_mtp: ClassVar[bool] = False
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": None,
        "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
        "first_k_dense_replace": 0, "kv_lora_rank": 512, "q_lora_rank": 1536,
        "n_routed_experts": 64, "n_shared_experts": 2, "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64, "routed_scaling_factor": 1.0, "v_head_dim": 128,
        "norm_topk_prob": False, "moe_intermediate_size": 1407,
    }  # fmt: skip

    def completed(self, config: dict[str, Any]) -> dict[str, Any]:
        """transformers calls the rotated part of a head the head's size."""
        config = super().completed(config)
        config["head_dim"] = config["qk_rope_head_dim"]
        _check_lite(config)
        _check_yarn(hyperparameters.rope_parameters(config))
        return config

    def add_keys(self, keys: Keys) -> None:
        """Sizes of the latent vectors, of heads before and after they are expanded, of experts."""
        config = self.config
        latent, rotated = config["kv_lora_rank"], config["qk_rope_head_dim"]
        self.set_key(keys, gguf.Keys.Attention.HEAD_COUNT_KV, 1, _UINT32)
        self.set_key(keys, gguf.Keys.Attention.KEY_LENGTH, latent + rotated, _UINT32)
        self.set_key(keys, gguf.Keys.Attention.VALUE_LENGTH, latent, _UINT32)
        keys.add_leading_dense_block_count(config["first_k_dense_replace"])
        keys.add_vocab_size(config["vocab_size"])
        if config["q_lora_rank"] is not None:
            keys.add_q_lora_rank(config["q_lora_rank"])
        keys.add_kv_lora_rank(latent)
        keys.add_key_length_mla(config["qk_nope_head_dim"] + rotated)
        keys.add_value_length_mla(config["v_head_dim"])
        self._add_expert_keys(keys)
        keys.add_rope_dimension_count(rotated)
        if (mscale := self.rope.get("mscale_all_dim")) is not None:
            # llama.cpp takes the tenth out again, for DeepSeek alone.
            keys.add_rope_scaling_yarn_log_mul(0.1 * mscale)
        super().add_keys(keys)

    def convert(self, name: str, source: TensorSource, layer: int | None) -> Iterable[Named]:
        """The expanding matrix is split by heads."""
        if not name.endswith(_KEYS_AND_VALUES):
            yield from super().convert(name, source, layer)
            return
        for_keys, for_values = self._split(source)
        yield self.map_name(name.replace("kv_b_proj", "k_b_proj")), for_keys
        yield self.map_name(name.replace("kv_b_proj", "v_b_proj")), for_values

    def _add_expert_keys(self, keys: Keys) -> None:
        keys.add_expert_feed_forward_length(self.config["moe_intermediate_size"])
        keys.add_expert_shared_count(self.config["n_shared_experts"] or 0)
        keys.add_expert_weights_scale(self.config["routed_scaling_factor"])
        if self.config["norm_topk_prob"]:
            keys.add_expert_weights_norm(True)

    def _split(self, source: TensorSource) -> tuple[TensorSource, TensorSource]:
        """Parts for keys (n_heads, latent, not rotated) and for values (n_heads, values, latent).

        Args:
            source: (n_heads * (not rotated + values), latent).

        Raises:
            ValueError: It has another number of rows.
        """
        n_heads = int(self.need("num_key_value_heads"))
        n_keys, n_values = int(self.need("qk_nope_head_dim")), int(self.need("v_head_dim"))
        if source.n_rows != n_heads * (n_keys + n_values):
            raise ValueError(
                f"{source.n_rows} rows are not {n_heads} heads of {n_keys} + {n_values}"
            )
        rows = np.arange(source.n_rows).reshape(n_heads, n_keys + n_values)
        keys, values = (
            RowsChosen(source, part.reshape(-1), (*part.shape, source.n_columns))
            for part in (rows[:, :n_keys], rows[:, n_keys:])
        )
        return Transposed(keys), values


class DeepseekV3(DeepseekV2):
    """DeepSeek V3, V3.1 and R1, in BF16 or in FP8 as published."""

    names: ClassVar[tuple[str, ...]] = ("DeepseekV3ForCausalLM",)
    defaults: ClassVar[Mapping[str, Any]] = {
        **DeepseekV2.defaults, "vocab_size": 129280, "hidden_size": 7168,
        "intermediate_size": 18432, "moe_intermediate_size": 2048, "num_hidden_layers": 61,
        "num_attention_heads": 128, "num_key_value_heads": 128, "n_shared_experts": 1,
        "n_routed_experts": 256, "routed_scaling_factor": 2.5, "n_group": 8, "topk_group": 4,
        "num_experts_per_tok": 8, "first_k_dense_replace": 3, "norm_topk_prob": True,
        "max_position_embeddings": 4096,
        # Not a default of transformers: its code knows nothing else. llama.cpp would take softmax.
        "scoring_func": "sigmoid",
    }  # fmt: skip


def _check_lite(config: Mapping[str, Any]) -> None:
    """Make sure that llama.cpp sees whether queries are projected in one step.

    Raises:
        UnsupportedArchitecture: Its rule says "lite" of another model, or not of a lite one.
    """
    n_layers, n_vocab, rank = (
        config["num_hidden_layers"], config["vocab_size"], config["q_lora_rank"],
    )  # fmt: skip
    is_lite = n_layers in _LITE_LAYERS or (n_layers, n_vocab) == _LITE_LAYERS_AND_TOKENS
    if is_lite != (rank is None):
        raise UnsupportedArchitecture(
            "llama.cpp cannot run this variant of DeepSeek",
            f"It has {n_layers} layers, {n_vocab:,} tokens and q_lora_rank {rank}. llama.cpp takes "
            "models of 26 or 27 layers, or of 48 layers and 128,256 tokens, for those without "
            "q_lora_rank, and all others for those with it.",
            _NOT_RUN,
        )


def _check_yarn(rope: Mapping[str, Any]) -> None:
    """Make sure that llama.cpp scales as the model does: it takes both factors for the same.

    Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
    src/llama-context.cpp, `yarn_attn_factor`)

    Raises:
        UnsupportedArchitecture: It would compute something else.
    """
    if rope.get("rope_type") != "yarn":
        return
    mscale, for_all = rope.get("mscale", 1.0), rope.get("mscale_all_dim", 0.0)
    if mscale != (for_all or 1.0):
        raise UnsupportedArchitecture(
            "llama.cpp cannot run this variant of DeepSeek",
            f"In its rope_scaling, mscale is {mscale} and mscale_all_dim {for_all}; llama.cpp "
            "would take the second for both, and answer worse without a word.",
            _NOT_RUN,
        )
