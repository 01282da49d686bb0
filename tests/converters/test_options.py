"""Types for some tensors, importance matrices, splitting, names, dry runs."""

import json
from pathlib import Path

import gguf
import numpy as np
import pytest

from converters.errors import (
    AlreadyQuantized,
    BadImportanceMatrix,
    BadMetadata,
    BadType,
    ConverterError,
    ImatrixNeeded,
)
from converters.llama import Judge
from converters.making import Converted, Planned
from tests.converters.comparing import is_same_file
from tests.converters.making import converted, quantized
from tests.converters.tiny_checkpoints import write_checkpoint

_N_EXPERTS, _HIDDEN = 4, 256


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path, "mixtral")


def _types(path: Path) -> dict[str, str]:
    return {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(path).tensors}


def test_types_of_some_tensors(checkpoint: Path, tmp_path: Path, judge: Judge) -> None:
    path = tmp_path / "x.gguf"
    wishes = ("ffn_down_exps=Q8_0", r"blk\.0\.attn_v=F16")
    converted(
        checkpoint, path, judge, type="Q4_K_M", tensor_types=wishes, output_type="Q5_K",
        embedding_type="Q8_0",
    )  # fmt: skip
    types = _types(path)
    assert types["blk.1.ffn_down_exps.weight"] == "Q8_0"
    assert types["blk.0.attn_v.weight"] == "F16"
    assert types["output.weight"] == "Q5_K"
    assert types["token_embd.weight"] == "Q8_0"
    assert types["blk.0.ffn_gate_exps.weight"] == "Q4_K"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"type": "Q4_K_X"}, "Q4_K_X"),
        ({"type": "Q4_K_M", "tensor_types": ("ffn_down",)}, "no pattern"),
        ({"type": "Q4_K_M", "tensor_types": ("ffn_down=Q99",)}, "Q99"),
        ({"type": "Q4_K_M", "tensor_types": ("ffn_(down=Q8_0",)}, "no regular expression"),
        ({"type": "Q4_K_M", "output_type": "I32"}, "I32"),
    ],
)
def test_types_that_are_none(
    checkpoint: Path, tmp_path: Path, judge: Judge, options: dict[str, str], words: str
) -> None:
    with pytest.raises(BadType, match=words) as caught:
        converted(checkpoint, tmp_path / "x.gguf", judge, **options)
    assert caught.value.hint


def _write_imatrix(path: Path, names: dict[str, tuple[int, int]]) -> Path:
    writer = gguf.GGUFWriter(path, "")
    writer.kv_data[0].clear()
    writer.add_string("general.type", "imatrix")
    writer.add_array("imatrix.datasets", ["some text.txt"])
    writer.add_uint32("imatrix.chunk_count", 3)
    writer.add_uint32("imatrix.chunk_size", 512)
    for name, (n_matrices, n_columns) in names.items():
        sums = np.arange(1, n_matrices * n_columns + 1, dtype=np.float32)
        writer.add_tensor(f"{name}.in_sum2", sums.reshape(n_matrices, n_columns))
        writer.add_tensor(f"{name}.counts", np.full((n_matrices, 1), 2, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _all_entries(plain: Path) -> dict[str, tuple[int, int]]:
    return {
        tensor.name: (int(tensor.shape[2]) if len(tensor.shape) > 2 else 1, int(tensor.shape[0]))
        for tensor in gguf.GGUFReader(plain).tensors
        if len(tensor.shape) > 1 and tensor.name != "token_embd.weight"
    }


def test_small_types_with_an_importance_matrix(
    checkpoint: Path, tmp_path: Path, judge: Judge
) -> None:
    plain, path = tmp_path / "plain.gguf", tmp_path / "x.gguf"
    converted(checkpoint, plain, judge, type="BF16")
    matrix = _write_imatrix(tmp_path / "imatrix.gguf", _all_entries(plain))
    with pytest.raises(ImatrixNeeded, match="IQ2_XS"):
        converted(checkpoint, path, judge, type="IQ2_XS")
    converted(checkpoint, path, judge, type="IQ2_XS", imatrix=matrix)
    fields = gguf.GGUFReader(path).fields
    assert fields["quantize.imatrix.file"].contents() == str(matrix)[:127]
    assert fields["quantize.imatrix.dataset"].contents() == "some text.txt"
    assert fields["quantize.imatrix.chunks_count"].contents() == 3
    assert "IQ2_XS" in _types(path).values()


def test_importances_change_what_is_written(checkpoint: Path, tmp_path: Path, judge: Judge) -> None:
    plain = tmp_path / "plain.gguf"
    converted(checkpoint, plain, judge, type="BF16")
    matrix = _write_imatrix(tmp_path / "imatrix.gguf", _all_entries(plain))
    converted(checkpoint, tmp_path / "without.gguf", judge, type="Q4_K_S")
    converted(checkpoint, tmp_path / "with.gguf", judge, type="Q4_K_S", imatrix=matrix)
    data = {
        name: {tensor.name: tensor.data.tobytes() for tensor in gguf.GGUFReader(path).tensors}
        for name, path in (("with", tmp_path / "with.gguf"), ("without", tmp_path / "without.gguf"))
    }
    name = "blk.1.ffn_up_exps.weight"
    assert data["with"][name] != data["without"][name]
    # The last expert of the stack, by the library itself, with the importances of this expert.
    source = next(t for t in gguf.GGUFReader(plain).tensors if t.name == name)
    rows = gguf.dequantize(source.data, source.tensor_type)[-1].astype(np.float32)
    importances = np.arange(1, rows.shape[1] * len(source.data) + 1, dtype=np.float32) / 2
    from converters.quantization import ggml

    expected = ggml.quantize_rows(
        gguf.GGMLQuantizationType.Q4_K,
        np.ascontiguousarray(rows),
        importances.reshape(len(source.data), -1)[-1].copy(),
    ).tobytes()
    assert data["with"][name].endswith(expected)


def test_importance_matrices_that_do_not_fit(
    checkpoint: Path, tmp_path: Path, judge: Judge
) -> None:
    wrong = _write_imatrix(tmp_path / "wrong.gguf", {"blk.0.attn_q.weight": (1, 128)})
    with pytest.raises(BadImportanceMatrix, match=r"128 values for blk\.0\.attn_q"):
        converted(checkpoint, tmp_path / "x.gguf", judge, type="Q4_K_S", imatrix=wrong)
    with pytest.raises(ImatrixNeeded, match=r"blk\.0\.attn_k\.weight"):
        converted(checkpoint, tmp_path / "x.gguf", judge, type="IQ2_XS", imatrix=wrong)
    (tmp_path / "none.gguf").write_bytes(b"GGUF")
    none = tmp_path / "none.gguf"
    with pytest.raises(BadImportanceMatrix):
        converted(checkpoint, tmp_path / "x.gguf", judge, type="Q4_K_S", imatrix=none)


def test_several_files_and_back(checkpoint: Path, tmp_path: Path, judge: Judge) -> None:
    result = converted(checkpoint, tmp_path / "x.gguf", judge, type="BF16", split_bytes=1_000_000)
    assert isinstance(result, Converted)
    n_files = len(result.paths)
    assert n_files > 1
    assert [path.name for path in result.paths] == [
        f"x-{number:05d}-of-{n_files:05d}.gguf" for number in range(1, n_files + 1)
    ]
    quantized(result.paths[0], tmp_path / "one.gguf", judge, type="Q8_0")
    quantized_directly = tmp_path / "direct.gguf"
    converted(checkpoint, tmp_path / "plain.gguf", judge, type="BF16")
    quantized(tmp_path / "plain.gguf", quantized_directly, judge, type="Q8_0")
    assert (tmp_path / "one.gguf").read_bytes() == quantized_directly.read_bytes()


def test_a_dry_run_tells_and_writes_nothing(checkpoint: Path, tmp_path: Path, judge: Judge) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    plan = converted(checkpoint, folder, judge, type="BF16", dry_run=True)
    assert isinstance(plan, Planned)
    assert list(folder.iterdir()) == []
    result = converted(checkpoint, folder, judge, type="BF16")
    assert isinstance(result, Converted)
    assert plan.paths == result.paths
    assert sum(plan.file_bytes) == result.paths[0].stat().st_size
    assert plan.types == result.types
    assert is_same_file(result.paths[0], "mixtral", "bf16")


def test_names_and_metadata_of_ones_own(checkpoint: Path, tmp_path: Path, judge: Judge) -> None:
    override = tmp_path / "metadata.json"
    override.write_text(json.dumps({"general.author": "Somebody", "general.name": "Other"}))
    path = tmp_path / "x.gguf"
    converted(checkpoint, path, judge, type="BF16", name="My model", metadata=override)
    fields = gguf.GGUFReader(path).fields
    assert fields["general.name"].contents() == "My model"
    assert fields["general.author"].contents() == "Somebody"
    override.write_text("[]")
    with pytest.raises(BadMetadata, match=r"metadata\.json"):
        converted(checkpoint, path, judge, metadata=override, force=True)
    (checkpoint / "README.md").write_text("---\ntags: [a\n---\n")
    with pytest.raises(BadMetadata, match=r"README\.md"):
        converted(checkpoint, path, judge, force=True)


def test_a_quantized_model_is_not_quantized_again(
    checkpoint: Path, tmp_path: Path, judge: Judge
) -> None:
    first, second = tmp_path / "first.gguf", tmp_path / "second.gguf"
    converted(checkpoint, first, judge, type="Q8_0")
    with pytest.raises(AlreadyQuantized, match="Q8_0; Q"):
        quantized(first, second, judge, type="Q4_K_M")
    result = quantized(first, second, judge, type="Q4_K_M", allow_requantize=True)
    assert isinstance(result, Converted)
    with pytest.raises(ConverterError, match="both source and result"):
        quantized(first, first, judge, type="Q4_K_M", force=True)
