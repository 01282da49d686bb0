"""Whole files, byte for byte, against llama.cpp's own converter and its own quantization."""

from pathlib import Path

import pytest
from gguf import GGMLQuantizationType as Type

from converters.llama import Judge
from converters.making import Converted
from converters.quantization.compiled import kernel_for
from tests.converters.comparing import assert_same_file, compare_files
from tests.converters.making import converted, quantized
from tests.converters.quantizing import QUANTIZED, quantize_family, source_kind
from tests.converters.tiny_checkpoints import RECIPES, write_checkpoint

# The name that the reference was told; a tokenizer of this definition has another.
TOLD = {"smollm3": "llama-bpe"}
# Layers that predict further tokens, treated in the other way than upstream treats them by itself.
MTP = [("glm4moe", False, "glm4moe-without-mtp"), ("deepseek3", True, "deepseek3-with-mtp")]
# Here add_bos_token is true on purpose; docs/conversion.md says why.
BOS_DIFFERS = ("deepseek3", "deepseek-r1", "deepseek3.1")
_BOS = b"tokenizer.ggml.add_bos_token" + (7).to_bytes(4, "little")


@pytest.mark.parametrize("family", RECIPES)
def test_files_of_each_family(tmp_path: Path, judge: Judge, family: str) -> None:
    checkpoint = write_checkpoint(tmp_path, family)
    pre = TOLD.get(family, "")
    for kind in ("f32", "f16", "bf16", "q8_0"):
        path = tmp_path / f"{kind}.gguf"
        done = converted(checkpoint, path, judge, type=kind, pre_tokenizer=pre)
        assert isinstance(done, Converted)
        if family in BOS_DIFFERS:
            _take_bos_back(path)
        assert_same_file(path, family, kind)


@pytest.mark.parametrize(("family", "keep_mtp", "reference"), MTP)
def test_layers_that_predict_further_are_kept_or_left_out(
    tmp_path: Path, judge: Judge, family: str, keep_mtp: bool, reference: str
) -> None:
    path = tmp_path / "bf16.gguf"
    converted(write_checkpoint(tmp_path, family), path, judge, type="BF16", keep_mtp=keep_mtp)
    if family in BOS_DIFFERS:
        _take_bos_back(path)
    assert_same_file(path, reference, "bf16")


@pytest.mark.parametrize("family", RECIPES)
def test_quantized_in_one_pass(tmp_path: Path, judge: Judge, family: str) -> None:
    """Straight from the checkpoint, and from the unquantized file: as llama.cpp does in two.

    With kernels, which models of this size are not worth; where this build of ggml rules them out,
    the bytes are the same.
    """
    for type_ in (Type.Q4_K, Type.Q6_K):
        kernel_for(type_)
    checkpoint = write_checkpoint(tmp_path, family)
    pre = TOLD.get(family, "")
    plain, one, two = (tmp_path / f"{name}.gguf" for name in ("plain", "one-pass", "two-passes"))
    converted(checkpoint, plain, judge, type=source_kind(family), pre_tokenizer=pre)
    for kind in QUANTIZED:
        theirs = quantize_family(plain, tmp_path / f"{kind}.gguf", family, kind)
        converted(checkpoint, one, judge, type=kind, pre_tokenizer=pre, force=True)
        quantized(plain, two, judge, type=kind, force=True)
        for ours in (one, two):
            assert ours.read_bytes() == theirs.read_bytes(), (kind, compare_files(ours, theirs))


def _take_bos_back(path: Path) -> None:
    """Write upstream's value over the only byte that differs."""
    data = path.read_bytes()
    assert data.count(_BOS + b"\x01") == 1
    path.write_bytes(data.replace(_BOS + b"\x01", _BOS + b"\x00"))
