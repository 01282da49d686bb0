from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from inference.errors import ModelFileTruncated, ModelNotFound, NotAModelFile
from inference.gguf_header import SkippedArray, read_header


def test_reads_what_the_reference_writer_wrote(write_gguf: Callable[..., Path]) -> None:
    header = read_header(write_gguf())

    assert header.architecture == "llama"
    assert header.text("general.name") == "Tiny test model"
    assert header.arch_number("context_length") == 2048
    assert header.arch_number("attention.head_count_kv") == 2
    assert header.metadata["tiny.short"] == [1, 2, 3]
    assert header.metadata["tokenizer.ggml.tokens"] == SkippedArray(2000)
    assert [(tensor.name, tensor.shape) for tensor in header.tensors] == [
        ("token_embd.weight", (64, 2000)),
        ("output_norm.weight", (64,)),
    ]
    assert header.tensor_bytes == 2000 * 64 * 4 + 64 * 2


def test_knows_the_size_of_quantized_tensors(starter_model: Path) -> None:
    header = read_header(starter_model)

    # The data section of a whole file ends with its last tensor, padded to 32 bytes.
    assert 0 <= header.file_bytes - header.expected_bytes < 32
    assert header.architecture == "llama"
    assert header.arch_number("block_count") == 30


def test_a_file_that_lost_its_end_is_told_with_both_sizes(write_gguf: Callable[..., Path]) -> None:
    path = write_gguf()
    whole = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(whole - 4096)

    with pytest.raises(ModelFileTruncated) as caught:
        read_header(path)
    assert f"{whole - 4096:,}" in caught.value.detail
    assert caught.value.hint


@pytest.mark.parametrize("kept", [4, 8, 16, 23, 24, 30, 60, 500, 5000])
def test_a_file_that_ends_in_its_header_is_truncated(
    write_gguf: Callable[..., Path], kept: int
) -> None:
    path = write_gguf()
    with path.open("r+b") as file:
        file.truncate(kept)

    with pytest.raises(ModelFileTruncated):
        read_header(path)


def test_a_missing_file_and_a_folder_are_not_found(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.gguf", tmp_path):
        with pytest.raises(ModelNotFound) as caught:
            read_header(path)
        assert str(path) in caught.value.detail


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04" + bytes(100), b"GGUF" + struct.pack("<IQQ", 99, 0, 0)]
)
def test_other_files_are_not_models(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(content)

    with pytest.raises(NotAModelFile):
        read_header(path)


def test_an_unknown_value_type_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "damaged.gguf"
    pair = struct.pack("<Q", 3) + b"key" + struct.pack("<I", 77)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + pair)

    with pytest.raises(NotAModelFile, match="damaged"):
        read_header(path)
