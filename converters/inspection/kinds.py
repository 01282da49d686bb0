"""What a tensor is for, told by its name in GGUF or in a Hugging Face checkpoint."""

from __future__ import annotations

import re
from enum import StrEnum


class Kind(StrEnum):
    """The part of a model that a tensor belongs to."""

    EMBEDDING = "embedding"
    ATTENTION = "attention"
    ROUTER = "router"
    ROUTED_EXPERTS = "routed experts"
    SHARED_EXPERTS = "shared experts"
    FEED_FORWARD = "feed-forward"
    RECURRENT = "recurrent"
    NORM = "norms"
    OUTPUT = "output"
    OTHER = "other"


# The first that is found decides.
_KINDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (Kind.ROUTED_EXPERTS, r"_exps\b|\.experts?\.\d|\.experts\.|moe\.(in|out)put_linear"),
        (Kind.SHARED_EXPERTS, r"_shexp\b|shared_expert|shared_mlp"),
        (Kind.ROUTER, r"ffn_gate_inp|exp_probs|(mlp|moe|ffn|feed_forward)\.(gate|router)\b"),
        (Kind.NORM, r"norm|\bln_"),
        (Kind.RECURRENT, r"\bssm_|\.mamba\.|shortconv|\.conv\.|time_mix|\.mixer\."),
        (Kind.ATTENTION, r"attn|attention"),
        (Kind.FEED_FORWARD, r"ffn_|\bmlp\b|feed_forward"),
        (Kind.EMBEDDING, r"^token_embd|embed_tokens|\bwte\b|position_embd|token_types"),
        (Kind.OUTPUT, r"^output\b|lm_head"),
    )
)
_LAYER = re.compile(r"(?:^|\.)(?:blk|layers?|h|blocks?)\.(\d+)\.")


def kind_of(name: str) -> Kind:
    """What the tensor is for."""
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), Kind.OTHER)


def layer_of(name: str) -> int | None:
    """Its layer; None for one that belongs to no layer."""
    found = _LAYER.search(name)
    return int(found[1]) if found else None
