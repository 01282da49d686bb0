"""How a model's bytes lie in its layers: what must stay together, and what may be parted.

A layer's routed experts are counted by themselves, since they may stay in system memory while the
rest of the layer lies on a graphics device.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inference.gguf_header import GgufHeader, TensorInfo
from inference.memory.attention_memory import CacheOptions, cache_bytes, n_layers

EXPERTS_PATTERN = r"\.ffn_(up|down|gate|gate_up)_exps"
"""What llama.cpp's tensor overrides match the routed experts of a layer by."""

_LAYER = re.compile(r"blk\.(\d+)\.")
_EXPERTS = re.compile(EXPERTS_PATTERN)
_INPUT = ("token_embd.", "position_embd.", "token_types.", "per_layer_token_embd.")
_FLOAT_BYTES, _HALF_BYTES = 4, 2


@dataclass(frozen=True, slots=True)
class Layer:
    """Bytes of one layer: its weights without routed experts, those, and its cache."""

    weights: int
    experts: int
    cache: int

    @property
    def without_experts(self) -> int:
        """What goes to a device first."""
        return self.weights + self.cache


@dataclass(frozen=True, slots=True)
class ModelMemory:
    """Bytes of a model in its parts.

    Args:
        layers: In their order, those that are skipped at loading with no weights.
        input: Weights of the input, which llama.cpp keeps in system memory.
        output: Weights of the output layer, the embedding among them where that is used twice.
        tied: How much of `output` is the input over again, so that it costs nothing in system
            memory.
        n_weights: Number of all weights.
    """

    layers: tuple[Layer, ...]
    input: int
    output: int
    tied: int
    n_weights: int

    @property
    def has_experts(self) -> bool:
        """Whether it is a mixture of experts."""
        return any(layer.experts for layer in self.layers)

    @property
    def weights(self) -> int:
        """All weights, each once."""
        layers = sum(layer.weights + layer.experts for layer in self.layers)
        return self.input + self.output - self.tied + layers

    @property
    def cache(self) -> int:
        """KV cache and recurrent states."""
        return sum(layer.cache for layer in self.layers)


def model_memory(header: GgufHeader, options: CacheOptions) -> ModelMemory:
    """Take a model's bytes apart."""
    n_layer = n_layers(header)
    n_loaded = n_layer - min(n_layer, max(0, header.arch_number("nextn_predict_layers")))
    weights, experts = [0] * n_layer, [0] * n_layer
    at_input = at_output = 0
    for tensor in header.tensors:
        layer = _layer_of(tensor, n_layer)
        if layer is not None:
            place = experts if _EXPERTS.search(tensor.name) else weights
            place[layer] += tensor.n_bytes if layer < n_loaded else 0
        elif tensor.name.startswith(_INPUT):
            at_input += tensor.n_bytes
        else:
            at_output += tensor.n_bytes
    tied = _tied_bytes(header)
    caches = cache_bytes(header, options)
    return ModelMemory(
        tuple(Layer(*parts) for parts in zip(weights, experts, caches, strict=True)),
        at_input,
        at_output + tied,
        tied,
        sum(tensor.n_elements for tensor in header.tensors),
    )


def _layer_of(tensor: TensorInfo, n_layer: int) -> int | None:
    found = _LAYER.match(tensor.name)
    if found is None or len(found[1]) > 6:
        return None
    layer = int(found[1])
    return layer if layer < n_layer else None


def _tied_bytes(header: GgufHeader) -> int:
    """Size of the embedding where it stands for a missing output matrix."""
    sizes = {tensor.name: tensor.n_bytes for tensor in header.tensors}
    return 0 if "output.weight" in sizes else sizes.get("token_embd.weight", 0)


def estimated_compute(header: GgufHeader, options: CacheOptions) -> int:
    """Compute buffer of a device that computes everything, where it cannot be measured.

    One micro-batch of logits, or of the widest activations, in float32, and of the attention mask;
    `inference.llama.measuring` has llama.cpp's own figure.
    """
    n_embd = max(0, header.arch_number("embedding_length"))
    width = max(
        header.arch_number("feed_forward_length"),
        header.arch_number("expert_feed_forward_length") * header.arch_number("expert_used_count"),
        n_embd,
    )
    embedding = max(
        (tensor.n_elements for tensor in header.tensors if tensor.name == "token_embd.weight"),
        default=0,
    )
    activations = options.n_ubatch * (3 * width + 6 * n_embd) * _FLOAT_BYTES
    logits = options.n_ubatch * (embedding // max(1, n_embd) + n_embd) * _FLOAT_BYTES
    return max(activations, logits) + options.n_ctx * options.n_ubatch * _HALF_BYTES
