"""What a tiny checkpoint is made of, and the shapes that many families share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .byte_level import ByteLevel
from .sentence_piece import SentencePiece

Json = dict[str, Any]
Shapes = dict[str, tuple[int, ...]]

N_VOCAB = 448
HIDDEN = 256
HEADS, HEADS_KV, HEAD = 4, 2, 64


@dataclass(frozen=True)
class Recipe:
    """A checkpoint: the name of its folder, its config.json, its tensors and its tokenizer."""

    folder: str
    config: Json
    shapes: Shapes
    tokenizer: ByteLevel | SentencePiece
    # How weights are stored: F32, F16, BF16.
    dtype: str = "BF16"
    # Names that are stored in another form: as float32, as FP8 blocks, as MXFP4.
    float32: tuple[str, ...] = ()
    fp8: bool = False
    fp8_power_of_two: bool = False
    mxfp4: bool = False
    n_shards: int = 1
    card: str = ""
    generation: Json = field(default_factory=dict)


def attention(
    layer: str,
    heads_kv: int = HEADS_KV,
    head: int = HEAD,
    heads: int = HEADS,
    biases: str = "",
) -> Shapes:
    """Projections of a layer; `biases` names those that have one, as in "qkv"."""
    widths = {"q": heads * head, "k": heads_kv * head, "v": heads_kv * head, "o": HIDDEN}
    shapes: Shapes = {}
    for name, width in widths.items():
        columns = heads * head if name == "o" else HIDDEN
        shapes[f"{layer}.self_attn.{name}_proj.weight"] = (width, columns)
        if name in biases:
            shapes[f"{layer}.self_attn.{name}_proj.bias"] = (width,)
    return shapes


def head_norms(layer: str, queries: int = HEAD, keys: int | None = None) -> Shapes:
    """Norms of queries and keys: one vector a head, or one over all heads."""
    return {
        f"{layer}.self_attn.q_norm.weight": (queries,),
        f"{layer}.self_attn.k_norm.weight": (keys or queries,),
    }


def feed_forward(part: str, width: int) -> Shapes:
    """A gated feed-forward network."""
    return {
        f"{part}.gate_proj.weight": (width, HIDDEN),
        f"{part}.up_proj.weight": (width, HIDDEN),
        f"{part}.down_proj.weight": (HIDDEN, width),
    }


def experts(part: str, count: int, width: int) -> Shapes:
    """Routed experts under `part`, each a gated feed-forward network."""
    shapes: Shapes = {}
    for index in range(count):
        shapes |= feed_forward(f"{part}.experts.{index}", width)
    return shapes


def lettered_experts(part: str, count: int, width: int) -> Shapes:
    """Routed experts in Mixtral's words: w1 gates, w2 is down, w3 is up."""
    shapes: Shapes = {f"{part}.gate.weight": (count, HIDDEN)}
    for index in range(count):
        shapes[f"{part}.experts.{index}.w1.weight"] = (width, HIDDEN)
        shapes[f"{part}.experts.{index}.w2.weight"] = (HIDDEN, width)
        shapes[f"{part}.experts.{index}.w3.weight"] = (width, HIDDEN)
    return shapes


def norms(layer: str, *names: str) -> Shapes:
    """Norm weights of a layer, by their names."""
    names = names or ("input_layernorm", "post_attention_layernorm")
    return {f"{layer}.{name}.weight": (HIDDEN,) for name in names}


def ends(tied: bool = False) -> Shapes:
    """Embedding, last norm and, unless the embedding serves, the output matrix."""
    shapes: Shapes = {
        "model.embed_tokens.weight": (N_VOCAB, HIDDEN),
        "model.norm.weight": (HIDDEN,),
    }
    return shapes if tied else shapes | {"lm_head.weight": (N_VOCAB, HIDDEN)}


def sizes(n_layer: int, **more: Any) -> Json:
    """The keys of config.json that nearly every family has."""
    return {
        "hidden_act": "silu",
        "hidden_size": HIDDEN,
        "initializer_range": 0.02,
        "num_attention_heads": HEADS,
        "num_hidden_layers": n_layer,
        "num_key_value_heads": HEADS_KV,
        "rms_norm_eps": 1e-6,
        "use_cache": True,
        "vocab_size": N_VOCAB,
        **more,
    }
