"""Llama 2 and 3, Mistral, Mixtral, SmolLM3: rows of queries and keys permuted, factors for long
contexts.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/llama.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import gguf
import numpy as np
from numpy.typing import NDArray

from converters.architectures.base import Architecture, Keys, Named, misread
from converters.architectures.experts import StackedExperts
from converters.architectures.hyperparameters import full_attention
from converters.tensors import Constant, RowsChosen, TensorSource

_QUERIES = ("q_proj.weight", "q_proj.bias")
_KEYS = ("k_proj.weight", "k_proj.bias")
_WITHOUT_POSITIONS = 4
"""Of SmolLM3's layers, which llama.cpp leaves without positions: every fourth."""


class Llama(Architecture):
    """Llama 2 and 3, and models of the same form such as SmolLM2."""

    names: ClassVar[tuple[str, ...]] = ("LlamaForCausalLM", "LLaMAForCausalLM")
    arch = gguf.MODEL_ARCH.LLAMA
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": None,
        "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
        "head_dim": None,
    }  # fmt: skip

    def completed(self, config: dict[str, Any]) -> dict[str, Any]:
        """Llama's heads have a size in every configuration."""
        config = super().completed(config)
        if config["head_dim"] is None and "text_config" not in config:
            config["head_dim"] = config["hidden_size"] // config["num_attention_heads"]
        return config

    def add_keys(self, keys: Keys) -> None:
        """Sizes of the vocabulary and of the rotated part of a head."""
        keys.add_vocab_size(self.config["vocab_size"])
        keys.add_rope_dimension_count(self.head_dim)

    def extra_tensors(self) -> Iterable[Named]:
        """Factors for the frequencies, where the context was lengthened as for Llama 3."""
        rope = full_attention(self.rope)
        if str(rope.get("rope_type", "")).lower() == "llama3":
            factors = llama3_rope_factors(rope, self.head_dim)
            yield self.name_of(gguf.MODEL_TENSOR.ROPE_FREQS), Constant(factors)

    def convert(self, name: str, source: TensorSource, layer: int | None) -> Iterable[Named]:
        """Queries and keys for ggml's order of rotated pairs."""
        n_heads = int(self.need("num_attention_heads"))
        if name.endswith(_QUERIES):
            source = permuted(source, n_heads)
        elif name.endswith(_KEYS):
            source = permuted(source, int(self.find("num_key_value_heads") or n_heads))
        yield from super().convert(name, source, layer)


class Mistral(Llama):
    """Mistral; its configuration has other defaults."""

    names: ClassVar[tuple[str, ...]] = ("MistralForCausalLM",)
    defaults: ClassVar[Mapping[str, Any]] = {
        **Llama.defaults, "intermediate_size": 14336, "num_key_value_heads": 8,
        "max_position_embeddings": 4096 * 32,
    }  # fmt: skip

    def completed(self, config: dict[str, Any]) -> dict[str, Any]:
        """A head's size is told only where the configuration has it."""
        return Architecture.completed(self, config)


class SmolLM3(Llama):
    """SmolLM3; llama.cpp leaves every fourth layer without positions."""

    names: ClassVar[tuple[str, ...]] = ("SmolLM3ForCausalLM",)
    arch = gguf.MODEL_ARCH.SMOLLM3
    defaults: ClassVar[Mapping[str, Any]] = {
        **Llama.defaults, "vocab_size": 128256, "hidden_size": 2048, "num_hidden_layers": 36,
        "num_attention_heads": 16, "num_key_value_heads": 4, "max_position_embeddings": 32768,
        "rope_theta": 2e6, "no_rope_layers": None, "no_rope_layer_interval": 4,
    }  # fmt: skip

    def completed(self, config: dict[str, Any]) -> dict[str, Any]:
        """A head's size is told only where the configuration has it."""
        return Architecture.completed(self, config)

    def add_keys(self, keys: Keys) -> None:
        """No key says which layers have positions, so they must be those that llama.cpp takes.

        Raises:
            UnsupportedArchitecture: They are others.
        """
        super().add_keys(keys)
        interval = self.config["no_rope_layer_interval"]
        layers = range(1, self.n_layers + 1)
        found = self.config["no_rope_layers"] or [int(layer % interval != 0) for layer in layers]
        if [bool(flag) for flag in found] != [layer % _WITHOUT_POSITIONS != 0 for layer in layers]:
            raise misread(
                f"It leaves every {_WITHOUT_POSITIONS}th layer of SmolLM3 without positions; "
                f"no_rope_layers of config.json says {found}"
            )


class Mixtral(StackedExperts, Mistral):
    """A mixture of experts around Mistral's attention."""

    names: ClassVar[tuple[str, ...]] = ("MixtralForCausalLM",)
    defaults: ClassVar[Mapping[str, Any]] = {
        **Mistral.defaults, "rms_norm_eps": 1e-5, "rope_theta": 1e6, "num_experts_per_tok": 2,
        "num_local_experts": 8,
    }  # fmt: skip
    expert_kinds: ClassVar[tuple[str, ...]] = ("w1", "w2", "w3")
    expert_names: ClassVar[str] = (
        "model.layers.{layer}.block_sparse_moe.experts.{expert}.{kind}.weight"
    )
    stack_names: ClassVar[str] = "layers.{layer}.feed_forward.experts.{kind}.weight"


def permuted(source: TensorSource, n_heads: int) -> TensorSource:
    """Rows of queries or keys in ggml's order: the two halves of each head, alternating.

    Args:
        source: (n_heads * head size, columns), or a bias of (n_heads * head size).
        n_heads: Heads of queries, or of keys.

    Raises:
        ValueError: The rows are no whole number of heads.
    """
    n_rows = source.shape[0]
    if n_rows % (2 * n_heads):
        raise ValueError(f"{n_rows} rows are not {n_heads} heads of an even size")
    order = np.arange(n_rows).reshape(n_heads, 2, -1).swapaxes(1, 2).reshape(-1)
    if len(source.shape) == 1:
        return Constant(source.read_rows(0, 1)[0][order])
    return RowsChosen(source, order)


def llama3_rope_factors(rope: Mapping[str, Any], head_dim: int) -> NDArray[np.float32]:
    """What each frequency is divided by: (head_dim / 2) float32.

    Short waves stay, long ones are stretched by the whole factor, those between by part of it.
    Source: https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/modeling_rope_utils.py
    (`_compute_llama3_parameters`)
    """
    one = np.float32(1)
    base = float(rope.get("rope_theta", 10000.0))
    exponents = np.arange(0, head_dim, 2, dtype=np.float32) / np.float32(head_dim)
    frequencies = one / np.power(base, exponents.astype(np.float64)).astype(np.float32)
    factor = np.float32(rope.get("factor", 8.0))
    low, high = float(rope.get("low_freq_factor", 1.0)), float(rope.get("high_freq_factor", 4.0))
    old_context = float(rope.get("original_max_position_embeddings", 8192))
    wavelengths = np.float32(2 * np.pi) / frequencies
    smooth = (np.float32(old_context) / wavelengths - np.float32(low)) / np.float32(high - low)
    between = one / ((one - smooth) / factor + smooth)
    short, long = wavelengths < old_context / high, wavelengths > old_context / low
    return np.where(short, one, np.where(long, factor, between)).astype(np.float32)
