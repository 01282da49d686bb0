"""Whole files, byte for byte, against llama.cpp's own converter and its own quantization."""

from pathlib import Path

import pytest

from converters.llama import Judge
from converters.making import Converted
from tests.converters.comparing import compare, compare_files, is_same_file
from tests.converters.making import converted, quantized
from tests.converters.quantizing import quantize_family, source_kind
from tests.converters.tiny_checkpoints import write_checkpoint

FAMILIES = [
    "gemma2",
    "gemma2-f16",
    "gemma3",
    "gemma3-vision",
    "granite",
    "granitemoe",
    "granitemoeshared",
    "llama-biased",
    "llama2",
    "llama3",
    "mistral",
    "mixtral",
    "olmo2",
    "olmoe",
    "phi3",
    "phi4",
    "phi4-mini",
    "phimoe",
    "qwen2",
    "qwen3",
    "qwen2moe",
    "qwen3moe",
    "smollm3",
]
# The name that the reference was told; a tokenizer of this definition has another.
TOLD = {"smollm3": "llama-bpe"}


@pytest.mark.parametrize("family", FAMILIES)
def test_files_of_each_family(tmp_path: Path, judge: Judge, family: str) -> None:
    checkpoint = write_checkpoint(tmp_path, family)
    pre = TOLD.get(family, "")
    for kind in ("f32", "f16", "bf16", "q8_0"):
        path = tmp_path / f"{kind}.gguf"
        done = converted(checkpoint, path, judge, type=kind, pre_tokenizer=pre)
        assert isinstance(done, Converted)
        assert compare(path, family, kind) == []
        assert is_same_file(path, family, kind)


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        ("gemma3-vision", "Q4_K_M"),
        ("granitemoeshared", "Q4_K_M"),
        ("phi4-mini", "Q6_K"),
        ("qwen3", "Q4_K_M"),
        ("qwen2moe", "Q6_K"),
    ],
)
def test_quantized_in_one_pass(tmp_path: Path, judge: Judge, family: str, kind: str) -> None:
    """Straight from the checkpoint, and from the unquantized file: as llama.cpp does in two."""
    checkpoint = write_checkpoint(tmp_path, family)
    plain = tmp_path / "plain.gguf"
    converted(checkpoint, plain, judge, type=source_kind(family))
    expected = quantize_family(plain, tmp_path / "expected.gguf", family, kind)
    converted(checkpoint, tmp_path / "one-pass.gguf", judge, type=kind)
    quantized(plain, tmp_path / "two-passes.gguf", judge, type=kind)
    for path in (tmp_path / "one-pass.gguf", tmp_path / "two-passes.gguf"):
        assert compare_files(path, expected) == []
        assert path.read_bytes() == expected.read_bytes()
