"""Gemma 2 and 3: norms without the one that is added to them, a window in most layers.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
conversion/gemma.py); defaults: https://github.com/huggingface/transformers/tree/v4.57.6/src/transformers/models
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import gguf
import numpy as np

from converters.architectures.base import Architecture, Keys, Named, misread
from converters.tensors import RowsChosen, Shifted, TensorSource


class Gemma2(Architecture):
    """Gemma 2."""

    names: ClassVar[tuple[str, ...]] = ("Gemma2ForCausalLM",)
    arch = gguf.MODEL_ARCH.GEMMA2
    defaults: ClassVar[Mapping[str, Any]] = {
        "vocab_size": 256000, "hidden_size": 2304, "intermediate_size": 9216,
        "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
        "head_dim": 256, "max_position_embeddings": 8192, "rms_norm_eps": 1e-6,
        "rope_theta": 10000.0, "sliding_window": 4096, "final_logit_softcapping": 30.0,
        "attn_logit_softcapping": 50.0, "query_pre_attn_scalar": 256, "layer_types": None,
    }  # fmt: skip

    def kept_name(self, name: str) -> str | None:
        """The embedding is the output matrix; some tools store it twice."""
        return None if name == "lm_head.weight" else super().kept_name(name)

    def add_common_keys(self, keys: Keys, file_type: gguf.LlamaFileType) -> None:
        """An order of its own, and nothing about rotation."""
        keys.add_context_length(self.config["max_position_embeddings"])
        keys.add_embedding_length(self.config["hidden_size"])
        keys.add_block_count(self.n_layers)
        keys.add_feed_forward_length(self.config["intermediate_size"])
        keys.add_head_count(self.config["num_attention_heads"])
        keys.add_head_count_kv(self.config["num_key_value_heads"])
        keys.add_layer_norm_rms_eps(self.config["rms_norm_eps"])
        keys.add_key_length(self.config["head_dim"])
        keys.add_value_length(self.config["head_dim"])
        keys.add_file_type(file_type)

    def add_keys(self, keys: Keys) -> None:
        """Limits of logits, and the window.

        Raises:
            UnsupportedArchitecture: llama.cpp would take other layers or another scale.
        """
        _check_attention(self, windows=2, pattern=2, n_layers_27b=46)
        keys.add_attn_logit_softcapping(self.config["attn_logit_softcapping"])
        keys.add_final_logit_softcapping(self.config["final_logit_softcapping"])
        keys.add_sliding_window(self.config["sliding_window"])

    def convert(self, name: str, source: TensorSource, layer: int | None) -> Iterable[Named]:
        """Norms are stored as their difference from one."""
        if name.endswith("norm.weight"):
            source = Shifted(source, 1.0)
        yield from super().convert(name, source, layer)


class Gemma3(Architecture):
    """Gemma 3, alone or as the text model beside one for pictures, which is left out."""

    names: ClassVar[tuple[str, ...]] = ("Gemma3ForCausalLM", "Gemma3ForConditionalGeneration")
    arch = gguf.MODEL_ARCH.GEMMA3
    defaults: ClassVar[Mapping[str, Any]] = {
        **Gemma2.defaults, "vocab_size": 262208, "max_position_embeddings": 131072,
        "rope_theta": 1e6, "rope_local_base_freq": 10000.0, "final_logit_softcapping": None,
        "attn_logit_softcapping": None, "sliding_window_pattern": 6,
    }  # fmt: skip

    def add_keys(self, keys: Keys) -> None:
        """The limit of the logits, and the window unless all layers see everything.

        Raises:
            UnsupportedArchitecture: llama.cpp would take other layers or another scale.
        """
        pattern = self.config["sliding_window_pattern"]
        _check_attention(self, windows=1 if pattern == 1 else 6, pattern=pattern, n_layers_27b=62)
        if self.config["attn_logit_softcapping"] is not None:
            raise ValueError("Gemma 3 has no attn_logit_softcapping")
        if limit := self.config["final_logit_softcapping"]:
            keys.add_final_logit_softcapping(limit)
        if pattern != 1:
            keys.add_sliding_window(self.config["sliding_window"])

    def convert(self, name: str, source: TensorSource, layer: int | None) -> Iterable[Named]:
        """Norms as in Gemma 2; of the embedding the rows that have a token."""
        if name.endswith("norm.weight"):
            source = Shifted(source, 1.0)
        elif name.endswith("embed_tokens.weight") and source.shape[0] > self.config["vocab_size"]:
            source = RowsChosen(source, np.arange(self.config["vocab_size"]))
        yield from super().convert(name, source, layer)


def _check_attention(model: Architecture, *, windows: int, pattern: int, n_layers_27b: int) -> None:
    """Refuse what llama.cpp, which reads neither from the file, would take for something else.

    Args:
        model: The model.
        windows: llama.cpp lets every layer of this number see everything.
        pattern: So does transformers, where no `layer_types` are given.
        n_layers_27b: Layers by which llama.cpp knows the largest model, whose scale is another.

    Raises:
        UnsupportedArchitecture: Layers or scale are others.
    """
    full = [
        kind == "full_attention"
        for kind in model.config["layer_types"] or _layer_types(model.n_layers, pattern)
    ]
    if full != [kind == "full_attention" for kind in _layer_types(model.n_layers, windows)]:
        raise misread(
            f"It lets one layer of every {windows} see everything; config.json says {full}"
        )
    width = model.head_dim
    if model.n_layers == n_layers_27b:
        width = int(model.config["hidden_size"]) // int(model.config["num_attention_heads"])
    if model.config["query_pre_attn_scalar"] != width:
        raise misread(
            f"It divides by the root of {width} in attention; query_pre_attn_scalar of "
            f"config.json is {model.config['query_pre_attn_scalar']}"
        )


def _layer_types(n_layers: int, period: int) -> list[str]:
    """What each layer sees when one of each `period` sees everything."""
    return [
        "sliding_attention" if layer % period else "full_attention"
        for layer in range(1, n_layers + 1)
    ]
