"""The starter model as a checkpoint, dense or as a mixture of equal experts.

SmolLM2's weights come out of the starter's GGUF file and are rounded to BF16, so they are a real
model's, though not to the last bit those that were published.

The mixture has Mixtral's form. All its experts are the dense model's network, and the shares of
those chosen sum to one, so it must answer as the dense model does, whatever its routers choose.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from tests.converters.tiny_checkpoints import write_tensors
from tests.converters.tiny_checkpoints.weights import Stored, draw, store

Json = dict[str, Any]

_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_EXPERT_NAMES = {"ffn_gate": "w1", "ffn_down": "w2", "ffn_up": "w3"}
_DIGITS = {"type": "Digits", "individual_digits": True}


def write_smollm2(folder: Path, starter: Path, n_expert: int = 0, n_layer: int = 0) -> Path:
    """Write SmolLM2 as a checkpoint.

    Args:
        folder: Is made.
        starter: The starter model's file.
        n_expert: Above 0 it is a mixture, of which two are used.
        n_layer: The first so many layers; 0 for all.
    """
    reader = _reader(starter)
    n_layer = n_layer or _key(reader, "llama.block_count")
    folder.mkdir(parents=True)
    _write(folder / "config.json", _config(reader, n_expert, n_layer))
    _write(folder / "tokenizer.json", _tokenizer(reader))
    _write(folder / "tokenizer_config.json", _tokenizer_config(reader))
    write_tensors(folder, dict(_tensors(reader, n_expert, n_layer)))
    return folder


@cache
def _reader(starter: Path) -> gguf.GGUFReader:
    return gguf.GGUFReader(starter)


def _key(reader: gguf.GGUFReader, name: str) -> Any:
    return reader.fields[name].contents()


def _config(reader: gguf.GGUFReader, n_expert: int, n_layer: int) -> Json:
    config: Json = {
        "architectures": ["MixtralForCausalLM" if n_expert else "LlamaForCausalLM"],
        "model_type": "mixtral" if n_expert else "llama",
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_act": "silu",
        "hidden_size": _key(reader, "llama.embedding_length"),
        "intermediate_size": _key(reader, "llama.feed_forward_length"),
        "max_position_embeddings": _key(reader, "llama.context_length"),
        "num_attention_heads": _key(reader, "llama.attention.head_count"),
        "num_hidden_layers": n_layer,
        "num_key_value_heads": _key(reader, "llama.attention.head_count_kv"),
        "pad_token_id": 2,
        "rms_norm_eps": 1e-5,
        "rope_theta": _key(reader, "llama.rope.freq_base"),
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "vocab_size": _key(reader, "llama.vocab_size"),
    }
    mixture = {"num_local_experts": n_expert, "num_experts_per_tok": 2, "sliding_window": None}
    return config | mixture if n_expert else config


def _tensors(reader: gguf.GGUFReader, n_expert: int, n_layer: int) -> Iterator[tuple[str, Stored]]:
    n_head = _key(reader, "llama.attention.head_count")
    n_head_kv = _key(reader, "llama.attention.head_count_kv")
    for tensor in reader.tensors:
        if tensor.name.startswith("blk.") and int(tensor.name.split(".")[1]) >= n_layer:
            continue
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        part = tensor.name.split(".")[-2]
        if part in ("attn_q", "attn_k"):
            values = _pairs_apart(values, n_head if part == "attn_q" else n_head_kv)
        stored = store(np.ascontiguousarray(values), "BF16")
        for name in _checkpoint_names(tensor.name, n_expert):
            yield name, stored
    n_embd = _key(reader, "llama.embedding_length")
    for layer in range(n_layer if n_expert else 0):
        name = f"model.layers.{layer}.block_sparse_moe.gate.weight"
        yield name, store(draw("routers", name, (n_expert, n_embd)), "BF16")


def _checkpoint_names(name: str, n_expert: int) -> list[str]:
    """The names under which a tensor of the GGUF file lies in the checkpoint."""
    if name == "token_embd.weight":
        return ["model.embed_tokens.weight"]
    if name == "output_norm.weight":
        return ["model.norm.weight"]
    _, layer, part, _ = name.split(".")
    if n_expert and part in _EXPERT_NAMES:
        experts = f"model.layers.{layer}.block_sparse_moe.experts"
        return [f"{experts}.{index}.{_EXPERT_NAMES[part]}.weight" for index in range(n_expert)]
    return [f"model.layers.{layer}.{_NAMES[part]}.weight"]


def _pairs_apart(rows: NDArray[np.float32], n_head: int) -> NDArray[np.float32]:
    """Rows of a head as checkpoints have them: first halves of all pairs, then second halves.

    In a GGUF file of this architecture the two of a pair lie side by side.
    """
    heads = rows.reshape(n_head, -1, 2, rows.shape[-1])
    return heads.swapaxes(1, 2).reshape(rows.shape)


@cache
def _tokenizer(reader: gguf.GGUFReader) -> Json:
    tokens = _key(reader, "tokenizer.ggml.tokens")
    types = _key(reader, "tokenizer.ggml.token_type")
    added = [index for index, kind in enumerate(types) if kind == gguf.TokenType.CONTROL]
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    }
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": index,
                "content": tokens[index],
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": True,
            }
            for index in added
        ],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [_DIGITS, byte_level]},
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {token: index for index, token in enumerate(tokens)},
            "merges": _key(reader, "tokenizer.ggml.merges"),
        },
    }


def _tokenizer_config(reader: gguf.GGUFReader) -> Json:
    return {
        "add_prefix_space": False,
        "bos_token": "<|im_start|>",
        "chat_template": _key(reader, "tokenizer.chat_template"),
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "model_max_length": 8192,
        "pad_token": "<|im_end|>",
        "tokenizer_class": "GPT2Tokenizer",
        "unk_token": "<|endoftext|>",
    }


def _write(path: Path, content: Json) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
