from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from converters.calibration.importance import (
    Entry,
    ImportanceMatrix,
    combined,
    read_importance,
    write_importance,
)
from converters.errors import BadImportanceMatrix, OutputFailed


def entry(sums: list[list[float]], counts: list[float]) -> Entry:
    return Entry(np.array(sums, np.float32), np.array(counts, np.float32))


def matrix(
    entries: dict[str, Entry], dataset: str = "a.txt", n_chunks: int = 3
) -> ImportanceMatrix:
    return ImportanceMatrix(entries, (dataset,), n_chunks, 512)


DENSE = entry([[4, 6]], [2])
ROUTED = entry([[8, 2], [0, 0], [3, 9]], [4, 0, 3])


def test_a_file_reads_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "matrix.gguf"
    write_importance(
        matrix({"blk.0.attn_q.weight": DENSE, "blk.0.ffn_up_exps.weight": ROUTED}), path
    )

    read = read_importance(path)

    assert read.datasets == ("a.txt",)
    assert (read.n_chunks, read.chunk_tokens) == (3, 512)
    assert set(read.entries) == {"blk.0.attn_q.weight", "blk.0.ffn_up_exps.weight"}
    assert (read.entries["blk.0.ffn_up_exps.weight"].sums == ROUTED.sums).all()
    assert (read.entries["blk.0.ffn_up_exps.weight"].counts == ROUTED.counts).all()
    assert [item.name for item in tmp_path.iterdir()] == ["matrix.gguf"]


def test_names_and_keys_are_llama_cpps(tmp_path: Path) -> None:
    path = tmp_path / "matrix.gguf"
    write_importance(matrix({"blk.0.ffn_up_exps.weight": ROUTED}), path)

    reader = gguf.GGUFReader(path)

    assert reader.get_field("general.type").contents() == "imatrix"
    assert reader.get_field("imatrix.datasets").contents() == ["a.txt"]
    assert reader.get_field("imatrix.chunk_count").contents() == 3
    assert reader.get_field("imatrix.chunk_size").contents() == 512
    shapes = {tensor.name: tensor.shape.tolist() for tensor in reader.tensors}
    assert shapes == {
        "blk.0.ffn_up_exps.weight.in_sum2": [2, 3],
        "blk.0.ffn_up_exps.weight.counts": [1, 3],
    }


def test_importance_is_the_mean_and_one_where_no_token_came() -> None:
    found = matrix({"x": ROUTED}).importance("x")

    assert found is not None
    assert found.tolist() == [[2, 0.5], [1, 1], [1, 3]]
    assert ROUTED.unreached == (1,)
    assert matrix({"x": ROUTED}).importance("y") is None


def test_two_runs_add_up() -> None:
    both = combined([matrix({"x": DENSE}), matrix({"x": DENSE, "y": ROUTED}, "b.txt", 2)])

    assert both.entries["x"].sums.tolist() == [[8, 12]]
    assert both.entries["x"].counts.tolist() == [4]
    assert (both.entries["y"].sums == ROUTED.sums).all()
    assert both.datasets == ("a.txt", "b.txt")
    assert both.n_chunks == 5


def test_runs_of_different_models_do_not() -> None:
    with pytest.raises(BadImportanceMatrix) as caught:
        combined([matrix({"x": DENSE}), matrix({"x": entry([[1, 2, 3]], [1])})])

    assert "2 columns" in caught.value.detail
    assert "3 for" in caught.value.detail


def test_another_gguf_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tensor("x", np.zeros(4, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    with pytest.raises(BadImportanceMatrix, match="cannot be read") as caught:
        read_importance(path)

    assert "model.gguf" in caught.value.detail


@pytest.mark.parametrize("damage", [b"", b"GGUF", b"not a file of this kind at all"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "matrix.gguf"
    path.write_bytes(damage)

    with pytest.raises(BadImportanceMatrix):
        read_importance(path)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "matrix.gguf"
    write_importance(matrix({"x": entry([[1.0] * 4096], [1])}), path)
    path.write_bytes(path.read_bytes()[:-512])

    with pytest.raises(BadImportanceMatrix):
        read_importance(path)


def test_figures_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "matrix.gguf"
    write_importance(matrix({"x": entry([[1.0, float("nan")]], [1])}), path)

    with pytest.raises(BadImportanceMatrix) as caught:
        read_importance(path)

    assert "x.in_sum2" in caught.value.detail


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed) as caught:
        write_importance(matrix({"x": DENSE}), tmp_path / "nowhere" / "matrix.gguf")

    assert "nowhere" in caught.value.detail
