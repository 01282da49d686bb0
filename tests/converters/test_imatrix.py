"""Whole files made with an importance matrix, against llama.cpp's given the same figures."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from converters.errors import BadImportanceMatrix, ImatrixNeeded
from converters.llama import Judge
from tests.converters.importances import N_CHUNKS, made_up_sums, write_gguf, write_old
from tests.converters.making import converted, quantized
from tests.converters.quantizing import quantize
from tests.converters.tiny_checkpoints import write_checkpoint


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path, "mixtral")


@pytest.fixture
def plain(checkpoint: Path, tmp_path: Path, judge: Judge) -> Path:
    converted(checkpoint, tmp_path / "plain.gguf", judge, type="BF16")
    return tmp_path / "plain.gguf"


@pytest.mark.parametrize(
    ("kind", "form"),
    [("Q4_K_M", "gguf"), ("IQ2_XXS", "gguf"), ("IQ4_XS", "gguf"), ("Q4_K_M", "dat")],
)
def test_the_same_file_as_llama_cpps(
    plain: Path, tmp_path: Path, judge: Judge, kind: str, form: str
) -> None:
    matrix = tmp_path / f"imatrix.{form}"
    means = (write_gguf if form == "gguf" else write_old)(matrix, made_up_sums(plain))
    quantized(plain, tmp_path / "ours.gguf", judge, type=kind, imatrix=matrix)
    notes = {
        "quantize.imatrix.file": str(matrix)[:127],
        "quantize.imatrix.dataset": "some text.txt",
        "quantize.imatrix.entries_count": len(means),
        "quantize.imatrix.chunks_count": N_CHUNKS,
    }
    file_type = gguf.LlamaFileType[f"MOSTLY_{kind}"]
    theirs = quantize(plain, tmp_path / "theirs.gguf", file_type, importances=means, notes=notes)
    assert (tmp_path / "ours.gguf").read_bytes() == theirs.read_bytes()


def test_from_a_checkpoint_it_is_the_same_file(
    checkpoint: Path, plain: Path, tmp_path: Path, judge: Judge
) -> None:
    matrix = tmp_path / "imatrix.gguf"
    write_gguf(matrix, made_up_sums(plain))
    quantized(plain, tmp_path / "two.gguf", judge, type="IQ3_S", imatrix=matrix)
    converted(checkpoint, tmp_path / "one.gguf", judge, type="IQ3_S", imatrix=matrix)
    assert (tmp_path / "one.gguf").read_bytes() == (tmp_path / "two.gguf").read_bytes()


def test_types_that_need_one_say_so(plain: Path, tmp_path: Path, judge: Judge) -> None:
    with pytest.raises(ImatrixNeeded, match="IQ2_XS"):
        quantized(plain, tmp_path / "x.gguf", judge, type="IQ2_XS")


def test_matrices_that_do_not_fit(plain: Path, tmp_path: Path, judge: Judge) -> None:
    wrong = tmp_path / "wrong.gguf"
    write_gguf(wrong, {"blk.0.attn_q.weight": np.ones((1, 128), np.float32)})
    with pytest.raises(BadImportanceMatrix, match=r"128 values for blk\.0\.attn_q"):
        quantized(plain, tmp_path / "x.gguf", judge, type="Q4_K_S", imatrix=wrong)
    right = tmp_path / "right.gguf"
    sums = made_up_sums(plain)
    write_gguf(right, {name: sums[name] for name in ("blk.0.attn_q.weight", "output.weight")})
    # llama-quantize ends in the middle of the file with "Missing importance matrix for tensor".
    for kind in ("IQ1_M", "IQ2_XS", "IQ2_S", "IQ3_XXS"):
        with pytest.raises(ImatrixNeeded, match=r"blk\.0\.attn_k\.weight"):
            quantized(plain, tmp_path / "x.gguf", judge, type=kind, imatrix=right)
    with pytest.raises(BadImportanceMatrix, match="cannot be read"):
        quantized(plain, tmp_path / "x.gguf", judge, type="Q4_K_S", imatrix=tmp_path / "none")
