"""A real model there and back: the starter's weights as a checkpoint, converted again."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from converters.llama import Judge
from tests.converters.answering import answer, kl_divergence
from tests.converters.making import converted
from tests.converters.smollm2 import write_smollm2
from tests.converters.tiny_checkpoints.weights import bf16, bf16_values

N_LAYERS = 3
IDS = [1, 4093, 198, 504, 3575, 282, 4649, 314]
SAME_KEYS = (
    *("llama.embedding_length", "llama.feed_forward_length", "llama.context_length"),
    *("llama.attention.head_count", "llama.attention.head_count_kv", "llama.rope.freq_base"),
    *("llama.rope.dimension_count", "llama.attention.layer_norm_rms_epsilon", "llama.vocab_size"),
    *("tokenizer.ggml.model", "tokenizer.ggml.pre", "tokenizer.ggml.tokens"),
    *("tokenizer.ggml.token_type", "tokenizer.ggml.merges", "tokenizer.ggml.bos_token_id"),
    *("tokenizer.ggml.eos_token_id", "tokenizer.ggml.padding_token_id", "tokenizer.chat_template"),
)


def test_the_starter_comes_back(tmp_path: Path, judge: Judge, starter_model: Path) -> None:
    checkpoint = write_smollm2(tmp_path / "smollm2", starter_model, 0, N_LAYERS)
    path = tmp_path / "x.gguf"
    converted(checkpoint, path, judge, type="BF16")
    ours, theirs = gguf.GGUFReader(path), gguf.GGUFReader(starter_model)
    for key in SAME_KEYS:
        assert ours.fields[key].contents() == theirs.fields[key].contents(), key
    originals = {tensor.name: tensor for tensor in theirs.tensors}
    assert len(ours.tensors) == 9 * N_LAYERS + 2
    for tensor in ours.tensors:
        original = originals[tensor.name]
        expected = bf16_values(bf16(gguf.dequantize(original.data, original.tensor_type)))
        assert (gguf.dequantize(tensor.data, tensor.tensor_type) == expected).all(), tensor.name


def test_equal_experts_answer_as_the_dense_model(
    tmp_path: Path, judge: Judge, starter_model: Path
) -> None:
    answers = []
    for n_expert in (0, 4):
        checkpoint = write_smollm2(
            tmp_path / f"smollm2-{n_expert}", starter_model, n_expert, N_LAYERS
        )
        for kind in ("F32", "Q8_0"):
            path = tmp_path / f"{n_expert}-{kind}.gguf"
            converted(checkpoint, path, judge, type=kind)
            answers.append(answer(path, IDS, 49_152))
    dense, dense_q8, mixture, mixture_q8 = answers
    assert kl_divergence(dense, mixture).max() < 1e-9
    # Q8_0 multiplies with activations of 8 bits, which are rounded alike in all experts.
    assert kl_divergence(dense_q8, mixture_q8).max() < 1e-6
    assert kl_divergence(dense, mixture_q8).mean() < 1e-2
    assert not np.array_equal(dense, dense_q8)
