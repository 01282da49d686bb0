"""What llama.cpp computes in another way than the models' own code, put into transformers.

With these the rest of a model can be compared to the last digits. `docs/conversion.md` says what
each difference means for an answer.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.converters.tiny_checkpoints.recipe import Json

SUFFIX = "-as-llama.cpp"


def config_of(family: str, config: Json) -> Json:
    """gpt-oss asks for correction dimensions of YaRN that are not rounded; llama.cpp rounds them.

    Source: `ggml_rope_yarn_corr_dims` in ggml/src/ggml.c
    """
    if not family.startswith("gpt-oss"):
        return config
    return config | {"rope_scaling": config["rope_scaling"] | {"truncate": True}}


def change(family: str, model: Any) -> None:
    """Let `model` of transformers compute as llama.cpp does."""
    if family == "deepseek2":
        for layer in model.model.layers[1:]:
            _two_experts_speak_for_a_group(layer.mlp.gate)
    elif family == "phimoe":
        model.model.rotary_emb.short_mscale = None
        _norms_without_mean(model)
        for layer in model.model.layers:
            _plain_routing(layer.block_sparse_moe)


def _two_experts_speak_for_a_group(gate: Any) -> None:
    """DeepSeek V2 ranks groups by their best expert; llama.cpp, as V3 does, by their best two.

    Source: `build_moe_ffn` in src/llama-graph.cpp
    """
    import torch

    def forward(hidden: Any) -> Any:
        logits = torch.nn.functional.linear(hidden.view(-1, hidden.shape[-1]), gate.weight)
        scores = logits.softmax(-1)
        groups = scores.view(len(scores), gate.num_group, -1)
        best = groups.topk(2, dim=-1).values.sum(-1).topk(gate.topk_group, dim=-1).indices
        chosen = torch.zeros(groups.shape[:2], dtype=torch.bool).scatter_(1, best, True)
        masked = groups.masked_fill(~chosen.unsqueeze(-1), 0.0).view(len(scores), -1)
        weights, experts = masked.topk(gate.top_k, dim=-1)
        return experts, weights * gate.routed_scaling_factor

    gate.forward = forward


def _norms_without_mean(model: Any) -> None:
    """Phi-MoE's norms take the mean away; llama.cpp's only divide by the root mean square."""
    import torch

    def forward(norm: Any, hidden: Any) -> Any:
        scale = torch.rsqrt(hidden.square().mean(-1, keepdim=True) + norm.eps)
        return hidden * scale * norm.weight + norm.bias

    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.forward = partial(forward, module)


def _plain_routing(block: Any) -> None:
    """Phi-MoE weighs each of its two experts by a softmax over near equals (SparseMixer).

    llama.cpp takes one softmax over all and gives the two best their shares.

    Source: `llama_model_phi3::graph` in src/models/phi3.cpp
    """
    import torch

    def forward(hidden: Any) -> Any:
        tokens = hidden.view(-1, hidden.shape[-1])
        scores = block.gate(tokens)
        weights, experts = scores.softmax(-1).topk(2, dim=-1)
        weights = weights / weights.sum(-1, keepdim=True)
        result = torch.zeros_like(tokens)
        for index, expert in enumerate(block.experts):
            rows, places = torch.where(experts == index)
            result[rows] += expert(tokens[rows]) * weights[rows, places, None]
        return result.view(hidden.shape), scores

    block.forward = forward
