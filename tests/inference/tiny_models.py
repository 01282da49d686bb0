"""Small whole models of many architectures, with random weights: llama.cpp loads and runs them.

Names and shapes follow `load_arch_tensors` of each architecture in llama.cpp; shapes stand here in
ggml's order. The vocabulary is one of bytes, so any text can be tokenized.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

N_VOCAB = 512
N_EMBD, N_FF, N_HEAD, N_HEAD_KV, HEAD = 256, 512, 8, 2, 32
N_EXPERT, N_FF_EXP = 8, 128
Q_LORA, KV_LORA, ROPE, NOPE, V_MLA = 64, 96, 32, 32, 32
D_INNER, D_STATE, D_CONV, DT_RANK = 2 * N_EMBD, 16, 4, 16
WINDOW = 512
TEMPLATE = "{% for m in messages %}{{ m.content }}\n{% endfor %}"

Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Kind:
    """An architecture: its layer, its keys, whether the embedding is the output as well."""

    layer: Callable[[int], Shapes]
    keys: dict[str, int | float | list[int]]
    n_layer: int = 4
    tied: bool = False


def _attention(heads: int = N_HEAD_KV) -> Shapes:
    return {
        "attn_norm.weight": (N_EMBD,),
        "attn_q.weight": (N_EMBD, N_HEAD * HEAD),
        "attn_k.weight": (N_EMBD, heads * HEAD),
        "attn_v.weight": (N_EMBD, heads * HEAD),
        "attn_output.weight": (N_HEAD * HEAD, N_EMBD),
        "ffn_norm.weight": (N_EMBD,),
    }


def _feed_forward() -> Shapes:
    return {
        "ffn_gate.weight": (N_EMBD, N_FF),
        "ffn_up.weight": (N_EMBD, N_FF),
        "ffn_down.weight": (N_FF, N_EMBD),
    }


def _experts(width: int = N_FF_EXP) -> Shapes:
    return {
        "ffn_gate_inp.weight": (N_EMBD, N_EXPERT),
        "ffn_gate_exps.weight": (N_EMBD, width, N_EXPERT),
        "ffn_up_exps.weight": (N_EMBD, width, N_EXPERT),
        "ffn_down_exps.weight": (width, N_EMBD, N_EXPERT),
    }


def _head_norms(width: int = HEAD) -> Shapes:
    return {"attn_q_norm.weight": (width,), "attn_k_norm.weight": (width,)}


def _llama(_layer: int) -> Shapes:
    return _attention() | _feed_forward()


def _qwen2(_layer: int) -> Shapes:
    biases = {"attn_q.bias": (N_EMBD,), "attn_k.bias": (N_HEAD_KV * HEAD,)}
    return _attention() | _feed_forward() | biases | {"attn_v.bias": (N_HEAD_KV * HEAD,)}


def _qwen3(_layer: int) -> Shapes:
    return _attention() | _feed_forward() | _head_norms()


def _qwen3moe(_layer: int) -> Shapes:
    return _attention() | _experts() | _head_norms()


def _olmoe(_layer: int) -> Shapes:
    return _attention(N_HEAD) | _experts(N_FF) | _head_norms(N_EMBD)


def _gemma3(_layer: int) -> Shapes:
    posts = {"post_attention_norm.weight": (N_EMBD,), "post_ffw_norm.weight": (N_EMBD,)}
    return _attention() | _feed_forward() | _head_norms() | posts


def _gpt_oss(_layer: int) -> Shapes:
    shapes = _attention() | _experts()
    del shapes["ffn_norm.weight"]
    return shapes | {
        "post_attention_norm.weight": (N_EMBD,),
        "attn_output.bias": (N_EMBD,),
        "attn_sinks.weight": (N_HEAD,),
        "ffn_gate_inp.bias": (N_EXPERT,),
        "ffn_gate_exps.bias": (N_FF_EXP, N_EXPERT),
        "ffn_up_exps.bias": (N_FF_EXP, N_EXPERT),
        "ffn_down_exps.bias": (N_EMBD, N_EXPERT),
    }


def _deepseek2(layer: int) -> Shapes:
    attention = {
        "attn_norm.weight": (N_EMBD,),
        "attn_q_a_norm.weight": (Q_LORA,),
        "attn_kv_a_norm.weight": (KV_LORA,),
        "attn_q_a.weight": (N_EMBD, Q_LORA),
        "attn_q_b.weight": (Q_LORA, N_HEAD * (NOPE + ROPE)),
        "attn_kv_a_mqa.weight": (N_EMBD, KV_LORA + ROPE),
        "attn_k_b.weight": (NOPE, KV_LORA, N_HEAD),
        "attn_v_b.weight": (KV_LORA, V_MLA, N_HEAD),
        "attn_output.weight": (N_HEAD * V_MLA, N_EMBD),
        "ffn_norm.weight": (N_EMBD,),
    }
    if layer == 0:
        return attention | _feed_forward()
    shared = {
        "ffn_gate_shexp.weight": (N_EMBD, N_FF_EXP),
        "ffn_up_shexp.weight": (N_EMBD, N_FF_EXP),
        "ffn_down_shexp.weight": (N_FF_EXP, N_EMBD),
    }
    return attention | _experts() | shared


def _mamba(_layer: int) -> Shapes:
    return {
        "attn_norm.weight": (N_EMBD,),
        "ssm_in.weight": (N_EMBD, 2 * D_INNER),
        "ssm_conv1d.weight": (D_CONV, D_INNER),
        "ssm_conv1d.bias": (D_INNER,),
        "ssm_x.weight": (D_INNER, DT_RANK + 2 * D_STATE),
        "ssm_dt.weight": (DT_RANK, D_INNER),
        "ssm_dt.bias": (D_INNER,),
        "ssm_a": (D_STATE, D_INNER),
        "ssm_d": (D_INNER,),
        "ssm_out.weight": (D_INNER, N_EMBD),
    }


def _lfm2(layer: int) -> Shapes:
    feed_forward = _feed_forward() | {"ffn_norm.weight": (N_EMBD,)}
    if layer % 2:
        return _attention() | _head_norms() | feed_forward
    return feed_forward | {
        "attn_norm.weight": (N_EMBD,),
        "shortconv.conv.weight": (3, N_EMBD),
        "shortconv.in_proj.weight": (N_EMBD, 3 * N_EMBD),
        "shortconv.out_proj.weight": (N_EMBD, N_EMBD),
    }


_HEADS = {"attention.head_count": N_HEAD, "attention.head_count_kv": N_HEAD_KV}
_SIZES = {"feed_forward_length": N_FF, "rope.dimension_count": HEAD}
_EXPERTS = {
    "expert_count": N_EXPERT,
    "expert_used_count": 2,
    "expert_feed_forward_length": N_FF_EXP,
}
_DENSE = _HEADS | _SIZES
_WINDOW = {
    "attention.sliding_window": WINDOW,
    "attention.key_length": HEAD,
    "attention.value_length": HEAD,
}
_MLA = {
    "attention.q_lora_rank": Q_LORA,
    "attention.kv_lora_rank": KV_LORA,
    "attention.key_length": KV_LORA + ROPE,
    "attention.value_length": KV_LORA,
    "attention.key_length_mla": NOPE + ROPE,
    "attention.value_length_mla": V_MLA,
    "attention.head_count": N_HEAD,
    "attention.head_count_kv": 1,
    "rope.dimension_count": ROPE,
    "leading_dense_block_count": 1,
    "expert_shared_count": 1,
    "expert_weights_scale": 1.0,
}
_SSM = {
    "ssm.conv_kernel": D_CONV,
    "ssm.inner_size": D_INNER,
    "ssm.state_size": D_STATE,
    "ssm.time_step_rank": DT_RANK,
    "attention.head_count": 0,
    "feed_forward_length": 0,
}
_SHORT_CONV = {"attention.head_count_kv": [0, 2, 0, 2], "shortconv.l_cache": 3}

KINDS: dict[str, Kind] = {
    "llama": Kind(_llama, _DENSE),
    "qwen2": Kind(_qwen2, _DENSE, tied=True),
    "qwen2vl": Kind(_qwen2, _DENSE | {"rope.dimension_sections": [4, 6, 6, 0]}, tied=True),
    "qwen3": Kind(_qwen3, _DENSE),
    "qwen3moe": Kind(_qwen3moe, _DENSE | _EXPERTS),
    "deepseek2": Kind(_deepseek2, _MLA | _EXPERTS | {"feed_forward_length": N_FF}),
    "olmoe": Kind(_olmoe, _DENSE | _EXPERTS | {"attention.head_count_kv": N_HEAD}),
    "gemma3": Kind(_gemma3, _DENSE | _WINDOW, n_layer=7, tied=True),
    "gpt-oss": Kind(_gpt_oss, _DENSE | _EXPERTS | _WINDOW),
    "mamba": Kind(_mamba, _SSM, tied=True),
    "lfm2": Kind(_lfm2, _DENSE | _SHORT_CONV, tied=True),
}


def write_tiny_model(
    path: Path,
    architecture: str,
    matrix_type: gguf.GGMLQuantizationType = gguf.GGMLQuantizationType.F16,
    n_layer: int = 0,
    more_keys: dict[str, int | float] | None = None,
    more_tensors: Shapes | None = None,
    silent: Sequence[str] = (),
    template: str = TEMPLATE,
) -> Path:
    """Write a model of random weights; matrices of `matrix_type`, all else float32.

    Args:
        more_keys: Further keys of the architecture's own section.
        more_tensors: Further tensors of each layer that has experts.
        silent: Tensors with one of these in their names are all zeros.
    """
    kind = KINDS[architecture]
    n_layer = n_layer or kind.n_layer
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(f"Tiny {architecture}")
    writer.add_context_length(8192)
    writer.add_embedding_length(N_EMBD)
    writer.add_block_count(n_layer)
    writer.add_layer_norm_rms_eps(1e-5)
    for key, value in (kind.keys | (more_keys or {})).items():
        add = (
            writer.add_array
            if isinstance(value, list)
            else (writer.add_float32 if isinstance(value, float) else writer.add_uint32)
        )
        add(f"{architecture}.{key}", value)
    _add_vocabulary(writer)
    writer.add_chat_template(template)
    shapes: Shapes = {"token_embd.weight": (N_EMBD, N_VOCAB), "output_norm.weight": (N_EMBD,)}
    if architecture == "lfm2":
        shapes["token_embd_norm.weight"] = shapes.pop("output_norm.weight")
    if not kind.tied:
        shapes["output.weight"] = (N_EMBD, N_VOCAB)
    for layer in range(n_layer):
        of_layer = kind.layer(layer)
        if "ffn_gate_inp.weight" in of_layer:
            of_layer |= more_tensors or {}
        shapes |= {f"blk.{layer}.{name}": shape for name, shape in of_layer.items()}
    _add_tensors(writer, shapes, matrix_type, silent)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_tensors(
    writer: gguf.GGUFWriter,
    shapes: Shapes,
    matrix_type: gguf.GGMLQuantizationType,
    silent: Sequence[str],
) -> None:
    chance = np.random.default_rng(0)
    for name, shape in shapes.items():
        is_matrix = len(shape) > 1 and name.endswith("weight") and "conv" not in name
        if len(shape) == 1 and "norm" in name:
            writer.add_tensor(name, np.ones(shape, dtype=np.float32))
            continue
        weights = 0.05 * chance.standard_normal(shape[::-1], dtype=np.float32)
        if any(part in name for part in silent):
            weights[...] = 0
        if name.endswith("ssm_a"):
            weights = -np.abs(weights)  # a state that forgets; it would grow without end
        if is_matrix and "gate_inp" not in name:
            data = gguf.quantize(weights, matrix_type)
            writer.add_tensor(name, data, raw_dtype=matrix_type)
        else:
            writer.add_tensor(name, weights)


def _add_vocabulary(writer: gguf.GGUFWriter) -> None:
    """Three control tokens, all bytes, and fillers."""
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    types = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.BYTE] * 256
    fillers = [f"filler{index}" for index in range(N_VOCAB - len(tokens))]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens + fillers)
    writer.add_token_scores([-float(index) for index in range(N_VOCAB)])
    writer.add_token_types(types + [gguf.TokenType.NORMAL] * len(fillers))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
