"""gpt-oss: experts in MXFP4, gates and up projections interleaved, biases, attention sinks.

Packed experts are moved into ggml's order and never rounded. Fine-tuned copies have plain experts
with inputs along the rows; those are transposed.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/gpt_oss.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import gguf
import numpy as np

from converters.architectures.base import Architecture, Keys, Named
from converters.tensors import Constant, RowsChosen, TensorSource, Transposed

_FUSED, _DOWN = "gate_up_proj", "down_proj"
# Gates are the even rows, up projections the odd ones.
_PARTS = (("gate_proj", 0), ("up_proj", 1))


class GptOss(Architecture):
    """gpt-oss 20b and 120b."""

    names: ClassVar[tuple[str, ...]] = ("GptOssForCausalLM",)
    arch = gguf.MODEL_ARCH.GPT_OSS
    defaults: ClassVar[Mapping[str, Any]] = {
        "num_hidden_layers": 36, "num_local_experts": 128, "vocab_size": 201088,
        "hidden_size": 2880, "intermediate_size": 2880, "head_dim": 64,
        "num_attention_heads": 64, "num_key_value_heads": 8, "sliding_window": 128,
        "rope_theta": 150000.0, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5,
        "rope_scaling": {
            "rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0,
            "truncate": False, "original_max_position_embeddings": 4096,
        },
        "num_experts_per_tok": 4,
    }  # fmt: skip

    def __init__(self, config: Mapping[str, Any], sources: Mapping[str, TensorSource]) -> None:
        super().__init__(config, sources)
        # llama.cpp's converter writes packed experts before all others.
        self.sources = dict(
            sorted(self.sources.items(), key=lambda found: not found[1].must_stay_packed)
        )

    def kept_name(self, name: str) -> str | None:
        """Sinks are called weights."""
        name = f"{name}.weight" if name.endswith("sinks") else name
        return super().kept_name(name)

    def add_keys(self, keys: Keys) -> None:
        """The window of every other layer, and the size of an expert."""
        keys.add_sliding_window(self.config["sliding_window"])
        keys.add_expert_feed_forward_length(self.config["intermediate_size"])

    def convert(self, name: str, source: TensorSource, layer: int | None) -> Iterable[Named]:
        """Experts and their biases."""
        if name.endswith((f"{_FUSED}_bias", f"{_DOWN}_bias")):
            yield from self._biases(name.removesuffix("_bias"), source)
        elif name.endswith((_FUSED, _DOWN)):
            yield from self._experts(name, source)
        else:
            yield from super().convert(name, source, layer)

    def _experts(self, name: str, source: TensorSource) -> Iterator[Named]:
        """Down projections as they are; of the fused ones every other row.

        Args:
            name: Its name in the checkpoint.
            source: (n_experts, outputs, inputs) where packed, else (n_experts, inputs, outputs).

        Raises:
            ValueError: It has another number of axes.
        """
        if len(source.shape) != 3:
            raise ValueError(f"{list(source.shape)} is no shape of experts")
        source = source if source.must_stay_packed else Transposed(source)
        if not name.endswith(_FUSED):
            yield self.map_name(f"{name}.weight"), source
            return
        n_experts, n_rows, n_columns = source.shape
        rows = np.arange(source.n_rows).reshape(n_experts, n_rows)
        for part, first in _PARTS:
            chosen = rows[:, first::2]
            yield (
                self.map_name(f"{name.removesuffix(_FUSED)}{part}.weight"),
                RowsChosen(source, chosen.reshape(-1), (*chosen.shape, n_columns)),
            )

    def _biases(self, name: str, source: TensorSource) -> Iterator[Named]:
        """The same of biases, (n_experts, outputs)."""
        if not name.endswith(_FUSED):
            yield self.map_name(f"{name}.bias"), source
            return
        values = source.read_rows(0, source.n_rows)
        for part, first in _PARTS:
            bias = self.map_name(f"{name.removesuffix(_FUSED)}{part}.bias")
            yield bias, Constant(values[:, first::2])
