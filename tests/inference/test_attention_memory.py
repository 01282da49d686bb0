"""Bytes of the KV cache and of recurrent states, against published figures and by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.gguf_header import GgufHeader, MetadataValue
from inference.memory.attention_memory import CacheOptions, cache_bytes


def header(architecture: str, **values: MetadataValue) -> GgufHeader:
    metadata: dict[str, MetadataValue] = {"general.architecture": architecture}
    metadata |= {f"{architecture}.{key.replace('__', '.')}": item for key, item in values.items()}
    return GgufHeader(Path("any.gguf"), metadata, (), 0, 0)


DEEPSEEK_V3 = header(
    "deepseek2",
    block_count=61,
    embedding_length=7168,
    attention__head_count=128,
    attention__head_count_kv=1,
    attention__key_length=576,
    attention__value_length=512,
    attention__key_length_mla=192,
    attention__value_length_mla=128,
)
QWEN_72B = header(
    "qwen2",
    block_count=80,
    embedding_length=8192,
    attention__head_count=64,
    attention__head_count_kv=8,
)
LLAMA_405B = header(
    "llama",
    block_count=126,
    embedding_length=16_384,
    attention__head_count=128,
    attention__head_count_kv=8,
)
GEMMA3_27B = header(
    "gemma3",
    block_count=62,
    embedding_length=5376,
    attention__head_count=32,
    attention__head_count_kv=16,
    attention__key_length=128,
    attention__value_length=128,
    attention__sliding_window=1024,
)


@pytest.mark.parametrize(
    ("model", "bytes_a_token"),
    # Source: "Insights into DeepSeek-V3" (arXiv:2505.09343), table 1: KV cache per token in BF16.
    [(DEEPSEEK_V3, 70_272), (QWEN_72B, 327_680), (LLAMA_405B, 516_096)],
)
def test_latent_and_grouped_attention_take_what_is_published(
    model: GgufHeader, bytes_a_token: int
) -> None:
    assert sum(cache_bytes(model, CacheOptions(n_ctx=4096))) == 4096 * bytes_a_token


def test_a_quantized_cache_is_smaller() -> None:
    # 32 values take 34 bytes in Q8_0 and 18 in Q4_0, against 64 in float16.
    options = CacheOptions(n_ctx=4096, type_k="q8_0", type_v="q4_0")
    assert sum(cache_bytes(QWEN_72B, options)) == 4096 * 327_680 // 2 * (34 + 18) // 64


def test_the_context_is_padded_to_256_cells() -> None:
    assert sum(cache_bytes(QWEN_72B, CacheOptions(n_ctx=4097))) == 4352 * 327_680


def test_a_sliding_window_keeps_the_window_and_a_micro_batch() -> None:
    layer = 16 * (128 + 128) * 2
    found = cache_bytes(GEMMA3_27B, CacheOptions(n_ctx=32_768, n_ubatch=512, swa_full=False))

    # Each sixth layer sees all: 10 of 62. The others keep 1024 + 512 cells.
    assert found == [layer * (32_768 if index % 6 == 5 else 1536) for index in range(62)]
    whole = cache_bytes(GEMMA3_27B, CacheOptions(n_ctx=32_768))
    assert whole == [layer * 32_768] * 62


def test_the_file_may_name_the_layers_with_a_window() -> None:
    named = header(
        "mimo2",
        block_count=3,
        attention__head_count=[8, 8, 8],
        attention__head_count_kv=[1, 2, 1],
        attention__key_length=64,
        attention__value_length=32,
        attention__key_length_swa=16,
        attention__sliding_window=256,
        attention__sliding_window_pattern=[True, False, True],
    )
    found = cache_bytes(named, CacheOptions(n_ctx=8192, n_ubatch=256, swa_full=False))

    short = (16 + 32) * 2 * 512
    assert found == [short, 2 * (64 + 32) * 2 * 8192, short]


def test_a_recurrent_state_does_not_grow_with_the_context() -> None:
    # Mamba 2.8B: 64 layers, inner size 5120, state 16, kernel 4; float32.
    mamba = header(
        "mamba",
        block_count=64,
        embedding_length=2560,
        attention__head_count=0,
        ssm__conv_kernel=4,
        ssm__inner_size=5120,
        ssm__state_size=16,
    )
    expected = [(3 * 5120 + 5120 * 16) * 4] * 64
    assert cache_bytes(mamba, CacheOptions(n_ctx=512)) == expected
    assert cache_bytes(mamba, CacheOptions(n_ctx=65_536)) == expected


def test_a_hybrid_has_both_each_in_its_layers() -> None:
    hybrid = header(
        "qwen3next",
        block_count=4,
        attention__head_count=16,
        attention__head_count_kv=2,
        attention__key_length=256,
        attention__value_length=256,
        full_attention_interval=4,
        ssm__conv_kernel=4,
        ssm__inner_size=4096,
        ssm__state_size=128,
        ssm__group_count=16,
    )
    state = (3 * (4096 + 2 * 16 * 128) + 128 * 4096) * 4
    attention = 2 * (256 + 256) * 2 * 1024
    assert cache_bytes(hybrid, CacheOptions(n_ctx=1024)) == [state, state, state, attention]
