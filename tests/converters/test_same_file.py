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
    "llama2",
    "llama3",
    "mistral",
    "mixtral",
    "olmoe",
    "qwen2",
    "qwen3",
    "qwen2moe",
    "qwen3moe",
]


@pytest.mark.parametrize("family", FAMILIES)
def test_files_of_each_family(tmp_path: Path, judge: Judge, family: str) -> None:
    checkpoint = write_checkpoint(tmp_path, family)
    for kind in ("f32", "f16", "bf16", "q8_0"):
        path = tmp_path / f"{kind}.gguf"
        assert isinstance(converted(checkpoint, path, judge, type=kind), Converted)
        assert compare(path, family, kind) == []
        assert is_same_file(path, family, kind)


@pytest.mark.parametrize(("family", "kind"), [("qwen3", "Q4_K_M"), ("qwen2moe", "Q6_K")])
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
