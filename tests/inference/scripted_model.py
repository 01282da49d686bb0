"""A model that says what a script says, whatever it is asked: a position decides on its token.

Its one layer does nothing, its tokens mean nothing, and each position has a direction of its own
that leads to one token. All else is llama.cpp's and ours: the vocabulary with its control tokens,
the template, the drawing, and taking the reply apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np

N_CONTEXT, N_EMBD, N_HEAD, N_FF = 1024, 192, 4, 32
_BYTES = 3
"""The first token that stands for a byte, behind <unk>, <s> and </s>."""
_END = "</s>"


def write_scripted_model(
    path: Path, template: str, markers: Sequence[str], script: Sequence[str] = (), start: int = 1
) -> Path:
    """Write the model.

    Args:
        template: The chat template.
        markers: Control tokens.
        script: What it says: markers, and texts that become a token a byte.
        start: How many tokens the prompt has.
    """
    tokens = ["<unk>", "<s>", _END, *(f"<0x{byte:02X}>" for byte in range(256)), *markers]
    types = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 2
    types += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.CONTROL] * len(markers)
    writer = gguf.GGUFWriter(path, "gpt2")
    writer.add_name("Scripted")
    writer.add_context_length(N_CONTEXT)
    writer.add_embedding_length(N_EMBD)
    writer.add_block_count(1)
    writer.add_head_count(N_HEAD)
    writer.add_feed_forward_length(N_FF)
    writer.add_layer_norm_eps(1e-5)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(index) for index in range(len(tokens))])
    writer.add_token_types(types)
    writer.add_add_space_prefix(False)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(template)
    for name, weights in _weights(tokens, [*script, _END], start).items():
        writer.add_tensor(name, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _weights(tokens: list[str], script: Sequence[str], start: int) -> dict[str, np.ndarray]:
    zeros = {
        "token_embd.weight": (len(tokens), N_EMBD),
        "position_embd.weight": (N_CONTEXT, N_EMBD),
        "output_norm.bias": (N_EMBD,),
        "output.weight": (len(tokens), N_EMBD),
        "blk.0.attn_norm.bias": (N_EMBD,),
        "blk.0.attn_qkv.weight": (3 * N_EMBD, N_EMBD),
        "blk.0.attn_qkv.bias": (3 * N_EMBD,),
        "blk.0.attn_output.weight": (N_EMBD, N_EMBD),
        "blk.0.attn_output.bias": (N_EMBD,),
        "blk.0.ffn_norm.bias": (N_EMBD,),
        "blk.0.ffn_up.weight": (N_FF, N_EMBD),
        "blk.0.ffn_up.bias": (N_FF,),
        "blk.0.ffn_down.weight": (N_EMBD, N_FF),
        "blk.0.ffn_down.bias": (N_EMBD,),
    }
    weights = {name: np.zeros(shape, np.float32) for name, shape in zeros.items()}
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        weights[f"{name}.weight"] = np.ones(N_EMBD, np.float32)
    said = [token for text in script for token in _tokens(tokens, text)]
    assert len(said) <= N_EMBD
    for index, token in enumerate(said):
        weights["position_embd.weight"][start - 1 + index, index] = 1
        weights["output.weight"][token, index] = 1
    return weights


def _tokens(tokens: list[str], text: str) -> list[int]:
    if text in tokens:
        return [tokens.index(text)]
    return [_BYTES + byte for byte in text.encode()]
