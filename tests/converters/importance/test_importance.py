from __future__ import annotations

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest

from converters.errors import BadImportanceMatrix, OutputFailed
from converters.importance import (
    Entry,
    ImportanceMatrix,
    combined,
    read_importance,
    write_importance,
)


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
    assert ROUTED.means.tolist() == [[2, 0.5], [1, 1], [1, 3]]
    assert ROUTED.unreached == (1,)


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

    assert "x has figures" in caught.value.detail


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed) as caught:
        write_importance(matrix({"x": DENSE}), tmp_path / "nowhere" / "matrix.gguf")

    assert "nowhere" in caught.value.detail


def old_file(*entries: tuple[str, int, list[float]], end: bytes = b"") -> bytes:
    """llama.cpp's old form: for each entry its name, calls and values."""
    parts = [struct.pack("<i", len(entries))]
    for name, n_calls, values in entries:
        parts.append(struct.pack("<i", len(name)) + name.encode())
        parts.append(struct.pack(f"<ii{len(values)}f", n_calls, len(values), *values))
    return b"".join(parts) + end


END = struct.pack("<ii", 5, 6) + b"my.txt"


def test_the_old_form_is_read(tmp_path: Path) -> None:
    path = tmp_path / "imatrix.dat"
    path.write_bytes(old_file(("x", 4, [2.0, 6.0]), ("y", 0, [3.0]), end=END))

    found = read_importance(path)

    assert found.entries["x"].means.tolist() == [[0.5, 1.5]]
    assert found.entries["y"].means.tolist() == [[3.0]]  # llama.cpp: without calls as it stands
    assert (found.n_chunks, found.datasets) == (5, ("my.txt",))
    for end in (b"", END[:4]):
        path.write_bytes(old_file(("x", 4, [2.0, 6.0]), end=end))
        assert read_importance(path).datasets == ()


def test_the_old_form_is_added_to_the_new(tmp_path: Path) -> None:
    path = tmp_path / "imatrix.dat"
    path.write_bytes(old_file(("x", 2, [2.0, 6.0, 1.0, 1.0]), end=END))
    old = read_importance(path).counted_in_tokens(8)
    new = matrix({"x": entry([[1.0, 2.0], [3.0, 4.0]], [1, 2])})

    both = combined([new, old])

    # Two pieces of 8 tokens each, the same count for both experts.
    assert both.entries["x"].sums.tolist() == [[17.0, 50.0], [11.0, 12.0]]
    assert both.entries["x"].counts.tolist() == [17.0, 18.0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (struct.pack("<i", 0), "no file of this kind"),
        (old_file(("x", 1, [1.0]))[:-2], "ends in entry 1 of 1"),
        (struct.pack("<ii", 1, 2_000_000_000), "2,000,000,000 bytes"),
        (struct.pack("<iisii", 1, 1, b"x", 1, -4), "-4 values"),
        (struct.pack("<iisii", 1, 1, b"x", 1, 2**31 - 1), "ends in entry 1"),
        (old_file(("x", 1, [1.0]), ("x", 1, [1.0])), "x twice"),
        (old_file(("x", 1, [float("inf")])), "no finite numbers"),
        (old_file(("x", 1, [1.0]), end=END[:-1]), "ends in the name of the text"),
    ],
)
def test_old_files_that_are_damaged(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "imatrix.dat"
    path.write_bytes(content)

    with pytest.raises(BadImportanceMatrix, match=words):
        read_importance(path)
