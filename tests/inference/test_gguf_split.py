"""Models of several files, written with the reference writer."""

from __future__ import annotations

import shutil
from pathlib import Path

import gguf
import numpy as np
import pytest

from inference.errors import ModelFileTruncated, ModelPartMissing, ModelPartWrong
from inference.gguf_header import read_header

N_TENSORS = 5


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """A model of three files with two, two and one tensors."""
    writer = gguf.GGUFWriter(tmp_path / "model.gguf", "llama", split_max_tensors=2)
    writer.add_block_count(N_TENSORS)
    for index in range(N_TENSORS):
        writer.add_tensor(f"blk.{index}.attn_q.weight", np.ones((32, 64), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return sorted(tmp_path.glob("*.gguf"))


def test_the_header_holds_the_tensors_of_all_parts(parts: list[Path]) -> None:
    assert [path.name for path in parts] == [
        f"model-0000{number}-of-00003.gguf" for number in (1, 2, 3)
    ]
    header = read_header(parts[0])

    assert header.arch_number("block_count") == N_TENSORS
    assert [tensor.name for tensor in header.tensors] == [
        f"blk.{index}.attn_q.weight" for index in range(N_TENSORS)
    ]
    assert header.tensor_bytes == N_TENSORS * 32 * 64 * 4
    assert header.file_bytes == sum(path.stat().st_size for path in parts)
    assert [(part.path, len(part.tensors)) for part in header.further_parts] == [
        (parts[1], 2),
        (parts[2], 1),
    ]


def test_a_missing_part_is_named(parts: list[Path]) -> None:
    parts[1].unlink()

    with pytest.raises(ModelPartMissing) as caught:
        read_header(parts[0])
    assert parts[1].name in caught.value.detail
    assert parts[2].name not in caught.value.detail


def test_a_further_part_is_not_a_model_by_itself(parts: list[Path]) -> None:
    with pytest.raises(ModelPartWrong, match="part 2 of 3") as caught:
        read_header(parts[1])
    assert "first" in caught.value.hint


def test_a_part_in_the_place_of_another_is_named(parts: list[Path]) -> None:
    shutil.copy(parts[1], parts[2])

    with pytest.raises(ModelPartWrong, match="not part 3 of 3") as caught:
        read_header(parts[0])
    assert parts[2].name in caught.value.detail


def test_a_part_of_another_model_is_noticed_by_its_tensors(
    parts: list[Path], tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    writer = gguf.GGUFWriter(other / "model.gguf", "llama", split_max_tensors=3)
    for index in range(9):
        writer.add_tensor(f"blk.{index}.ffn_up.weight", np.ones((32, 64), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    shutil.copy(other / parts[2].name, parts[2])

    with pytest.raises(ModelPartWrong, match="announces 5 tensors, but its 3 parts hold 7"):
        read_header(parts[0])


def test_a_renamed_first_part_cannot_find_the_others(parts: list[Path]) -> None:
    renamed = parts[0].rename(parts[0].with_name("my-model.gguf"))

    with pytest.raises(ModelPartWrong, match=r"-00001-of-00003\.gguf"):
        read_header(renamed)


def test_a_truncated_part_is_named(parts: list[Path]) -> None:
    with parts[2].open("r+b") as file:
        file.truncate(parts[2].stat().st_size - 100)

    with pytest.raises(ModelFileTruncated) as caught:
        read_header(parts[0])
    assert parts[2].name in caught.value.detail
