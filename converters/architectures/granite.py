"""Granite, dense and with experts: Llama with four multipliers.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/granite.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import gguf
import numpy as np

from converters.architectures.base import Architecture, Keys, Named
from converters.architectures.llama import Llama
from converters.tensors import RowsChosen, TensorSource

_MULTIPLIERS = {
    "attention_multiplier": "add_attention_scale",
    "embedding_multiplier": "add_embedding_scale",
    "residual_multiplier": "add_residual_scale",
    "logits_scaling": "add_logit_scale",
}
_GATE_AND_UP = gguf.MODEL_TENSOR.FFN_GATE, gguf.MODEL_TENSOR.FFN_UP
_GATE_AND_UP_OF_EXPERTS = gguf.MODEL_TENSOR.FFN_GATE_EXP, gguf.MODEL_TENSOR.FFN_UP_EXP
_GATE_AND_UP_OF_SHARED = gguf.MODEL_TENSOR.FFN_GATE_SHEXP, gguf.MODEL_TENSOR.FFN_UP_SHEXP


class Granite(Llama):
    """Granite 3, dense."""

    names: ClassVar[tuple[str, ...]] = ("GraniteForCausalLM",)
    arch = gguf.MODEL_ARCH.GRANITE
    defaults: ClassVar[Mapping[str, Any]] = {
        **Llama.defaults, **dict.fromkeys(_MULTIPLIERS, 1.0),
    }  # fmt: skip

    def completed(self, config: dict[str, Any]) -> dict[str, Any]:
        """A head's size follows from others, whatever the configuration says."""
        return {**Architecture.completed(self, config), "head_dim": None}

    def add_keys(self, keys: Keys) -> None:
        """The multipliers; one of zero is taken for none."""
        super().add_keys(keys)
        for name, add in _MULTIPLIERS.items():
            if value := self.config[name]:
                getattr(keys, add)(value)


class GraniteMoe(Granite):
    """Granite 3 with experts, of which some may be shared, or with the shared ones alone."""

    names: ClassVar[tuple[str, ...]] = ("GraniteMoeForCausalLM", "GraniteMoeSharedForCausalLM")
    arch = gguf.MODEL_ARCH.GRANITE_MOE
    defaults: ClassVar[Mapping[str, Any]] = {
        **Granite.defaults, "num_local_experts": 8, "num_experts_per_tok": 2,
        "shared_intermediate_size": 0,
    }  # fmt: skip

    def completed(self, config: dict[str, Any]) -> dict[str, Any]:
        """Without routed experts the shared one is the layer's plain feed-forward network."""
        config = super().completed(config)
        if not config["num_local_experts"]:
            config["intermediate_size"] = config["shared_intermediate_size"]
            config["num_experts_per_tok"] = 0
        return config

    def add_keys(self, keys: Keys) -> None:
        """Size of the shared experts."""
        super().add_keys(keys)
        if size := self.config["shared_intermediate_size"]:
            keys.add_expert_shared_feed_forward_length(size)

    def convert(self, name: str, source: TensorSource, layer: int | None) -> Iterable[Named]:
        """Gate and up lie in one tensor."""
        has_experts = bool(self.config["num_local_experts"])
        shared = _GATE_AND_UP_OF_SHARED if has_experts else _GATE_AND_UP
        if name.endswith("block_sparse_moe.input_linear.weight"):
            size = int(self.need("intermediate_size"))
            yield from self._split(source, size, _GATE_AND_UP_OF_EXPERTS, layer)
        elif name.endswith("shared_mlp.input_linear.weight"):
            size = int(self.need("shared_intermediate_size"))
            yield from self._split(source, size, shared, layer)
        elif name.endswith("shared_mlp.output_linear.weight") and not has_experts:
            yield self.name_of(gguf.MODEL_TENSOR.FFN_DOWN, layer), source
        else:
            yield from super().convert(name, source, layer)

    def _split(
        self,
        source: TensorSource,
        size: int,
        kinds: tuple[gguf.MODEL_TENSOR, ...],
        layer: int | None,
    ) -> Iterable[Named]:
        for kind, half in zip(kinds, halves(source, size), strict=True):
            yield self.name_of(kind, layer), half


def halves(source: TensorSource, size: int) -> tuple[TensorSource, TensorSource]:
    """The first and the second `size` rows of each matrix.

    Args:
        source: (..., 2 * size, columns).
        size: Rows of a half.

    Raises:
        ValueError: The matrices have another number of rows.
    """
    *leading, n_rows, n_columns = source.shape
    if n_rows != 2 * size:
        raise ValueError(f"its matrices have {n_rows} rows, not two times {size}")
    rows = np.arange(source.n_rows).reshape(-1, 2, size)
    shape = (*leading, size, n_columns)
    first, second = (RowsChosen(source, rows[:, half].reshape(-1), shape) for half in (0, 1))
    return first, second
