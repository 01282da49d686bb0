"""Whole files made with an importance matrix, against llama.cpp's given the same figures."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from converters.errors import BadImportanceMatrix, ImatrixNeeded
from converters.llama import Judge
from tests.converters.making import converted, quantized
from tests.converters.quantizing import quantize
from tests.converters.tiny_checkpoints import write_checkpoint

_N_CHUNKS, _TOKENS = 3, 512
_UNREACHED = 2
"""The expert that no token came to."""

Figures = Mapping[str, NDArray[np.float32]]


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path, "mixtral")


@pytest.fixture
def plain(checkpoint: Path, tmp_path: Path, judge: Judge) -> Path:
    converted(checkpoint, tmp_path / "plain.gguf", judge, type="BF16")
    return tmp_path / "plain.gguf"


def _sums(plain: Path) -> Figures:
    """Made-up sums of squares for all matrices, (n_matrices, n_columns)."""
    random = np.random.default_rng(7)
    return {
        tensor.name: random.lognormal(
            0, 2, (int(tensor.shape[2]) if len(tensor.shape) > 2 else 1, int(tensor.shape[0]))
        ).astype(np.float32)
        for tensor in gguf.GGUFReader(plain).tensors
        if len(tensor.shape) > 1 and tensor.name != "token_embd.weight"
    }


def _counts(n_matrices: int) -> NDArray[np.float32]:
    """Tokens of each matrix; one of several experts has none."""
    counts = np.arange(11, 11 + n_matrices, dtype=np.float32)
    counts[_UNREACHED:][: int(n_matrices > 1)] = 0
    return counts


def _write_gguf(path: Path, sums: Figures) -> Figures:
    """A file of llama.cpp's form; its means, made by hand."""
    writer = gguf.GGUFWriter(path, "")
    writer.kv_data[0].clear()
    writer.add_string("general.type", "imatrix")
    writer.add_array("imatrix.datasets", ["some text.txt"])
    writer.add_uint32("imatrix.chunk_count", _N_CHUNKS)
    writer.add_uint32("imatrix.chunk_size", _TOKENS)
    means = {}
    for name, values in sums.items():
        counts = _counts(len(values))
        writer.add_tensor(f"{name}.in_sum2", values)
        writer.add_tensor(f"{name}.counts", counts[:, None])
        means[name] = values / np.maximum(counts, 1)[:, None]
        means[name][counts == 0] = 1
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return means


def _write_old(path: Path, sums: Figures) -> Figures:
    """A file of the old form, as `save_imatrix_legacy` of llama.cpp writes it; its means."""
    parts = [struct.pack("<i", len(sums))]
    for name, values in sums.items():
        encoded = name.encode()
        parts += [struct.pack("<i", len(encoded)), encoded]
        parts += [struct.pack("<ii", _N_CHUNKS, values.size), values.tobytes()]
    text = b"some text.txt"
    parts.append(struct.pack("<ii", _N_CHUNKS, len(text)) + text)
    path.write_bytes(b"".join(parts))
    return {name: values / np.float32(_N_CHUNKS) for name, values in sums.items()}


@pytest.mark.parametrize(
    ("kind", "form"),
    [("Q4_K_M", "gguf"), ("IQ2_XXS", "gguf"), ("IQ4_XS", "gguf"), ("Q4_K_M", "dat")],
)
def test_the_same_file_as_llama_cpps(
    plain: Path, tmp_path: Path, judge: Judge, kind: str, form: str
) -> None:
    matrix = tmp_path / f"imatrix.{form}"
    means = (_write_gguf if form == "gguf" else _write_old)(matrix, _sums(plain))
    quantized(plain, tmp_path / "ours.gguf", judge, type=kind, imatrix=matrix)
    notes = {
        "quantize.imatrix.file": str(matrix)[:127],
        "quantize.imatrix.dataset": "some text.txt",
        "quantize.imatrix.entries_count": len(means),
        "quantize.imatrix.chunks_count": _N_CHUNKS,
    }
    file_type = gguf.LlamaFileType[f"MOSTLY_{kind}"]
    theirs = quantize(plain, tmp_path / "theirs.gguf", file_type, importances=means, notes=notes)
    assert (tmp_path / "ours.gguf").read_bytes() == theirs.read_bytes()


def test_from_a_checkpoint_it_is_the_same_file(
    checkpoint: Path, plain: Path, tmp_path: Path, judge: Judge
) -> None:
    matrix = tmp_path / "imatrix.gguf"
    _write_gguf(matrix, _sums(plain))
    quantized(plain, tmp_path / "two.gguf", judge, type="IQ3_S", imatrix=matrix)
    converted(checkpoint, tmp_path / "one.gguf", judge, type="IQ3_S", imatrix=matrix)
    assert (tmp_path / "one.gguf").read_bytes() == (tmp_path / "two.gguf").read_bytes()


def test_types_that_need_one_say_so(plain: Path, tmp_path: Path, judge: Judge) -> None:
    with pytest.raises(ImatrixNeeded, match="IQ2_XS"):
        quantized(plain, tmp_path / "x.gguf", judge, type="IQ2_XS")


def test_matrices_that_do_not_fit(plain: Path, tmp_path: Path, judge: Judge) -> None:
    wrong = tmp_path / "wrong.gguf"
    _write_gguf(wrong, {"blk.0.attn_q.weight": np.ones((1, 128), np.float32)})
    with pytest.raises(BadImportanceMatrix, match=r"128 values for blk\.0\.attn_q"):
        quantized(plain, tmp_path / "x.gguf", judge, type="Q4_K_S", imatrix=wrong)
    with pytest.raises(ImatrixNeeded, match=r"blk\.0\.attn_k\.weight"):
        quantized(plain, tmp_path / "x.gguf", judge, type="IQ2_XS", imatrix=wrong)
    with pytest.raises(BadImportanceMatrix, match="cannot be read"):
        quantized(plain, tmp_path / "x.gguf", judge, type="Q4_K_S", imatrix=tmp_path / "none")
