"""Every type of file that is offered: llama.cpp's own bytes, and llama.cpp answers from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from converters.errors import ImatrixNeeded
from converters.llama import Judge
from converters.quantization.file_types import AS_CONVERTED, FILE_TYPES
from tests.converters.answering import answer, tokens
from tests.converters.importances import N_CHUNKS, Figures, made_up_sums, write_gguf
from tests.converters.making import converted
from tests.converters.quantizing import quantize
from tests.converters.tiny_checkpoints import stored_tensors, write_checkpoint, write_tensors
from tests.converters.tiny_checkpoints.recipe import N_VOCAB

# The list of the documentation, so that none is lost unseen.
NAMES = [
    "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q2_K_S", "Q3_K_S",
    "Q3_K_M", "Q3_K_L", "Q4_K_S", "Q4_K_M", "Q5_K_S", "Q5_K_M", "Q6_K", "IQ4_NL", "IQ4_XS", "IQ1_S",
    "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "IQ3_XXS", "IQ3_XS", "IQ3_S", "IQ3_M", "TQ1_0",
    "TQ2_0", "MXFP4_MOE",
]  # fmt: skip
# `llama-quantize` refuses these without an importance matrix; of others it makes larger types.
NEED_A_MATRIX = [
    "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ2_M", "IQ3_XXS", "IQ3_XS", "Q2_K_S",
]  # fmt: skip
QUANTIZED = [name for name in NAMES if FILE_TYPES[name] not in AS_CONVERTED]


@dataclass(frozen=True)
class Source:
    """A checkpoint, its unquantized file, and an importance matrix with its means."""

    checkpoint: Path
    plain: Path
    matrix: Path
    means: Figures


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, judge: Judge) -> Source:
    return made_source(tmp_path_factory.mktemp("dense"), "qwen2", judge)


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory, judge: Judge) -> Source:
    return made_source(tmp_path_factory.mktemp("mixture"), "mixtral", judge)


def made_source(folder: Path, family: str, judge: Judge) -> Source:
    """Of the family's first layer alone: the smallest types take their time."""
    checkpoint = write_checkpoint(folder, family)
    tensors = stored_tensors(family)
    write_tensors(checkpoint, {name: tensors[name] for name in tensors if ".layers.1." not in name})
    config = checkpoint / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"num_hidden_layers": 1}))
    plain, matrix = folder / "plain.gguf", folder / "matrix.gguf"
    converted(checkpoint, plain, judge, type="F32")
    return Source(checkpoint, plain, matrix, write_gguf(matrix, made_up_sums(plain)))


def test_all_types_are_offered() -> None:
    assert sorted(FILE_TYPES) == sorted(NAMES)


@pytest.mark.parametrize("kind", QUANTIZED)
def test_each_type(source: Source, tmp_path: Path, judge: Judge, kind: str) -> None:
    check_type(source, tmp_path, judge, kind)


@pytest.mark.parametrize("kind", ["MXFP4_MOE", "TQ1_0", "IQ3_XXS", "Q2_K"])
def test_types_of_experts(mixture: Source, tmp_path: Path, judge: Judge, kind: str) -> None:
    check_type(mixture, tmp_path, judge, kind)


def check_type(source: Source, folder: Path, judge: Judge, kind: str) -> None:
    ours = folder / "ours.gguf"
    options: dict[str, Path] = {}
    theirs: dict[str, Any] = {}
    if kind in NEED_A_MATRIX:
        with pytest.raises(ImatrixNeeded, match=f"{kind} needs") as caught:
            converted(source.checkpoint, ours, judge, type=kind)
        assert caught.value.hint
        options = {"imatrix": source.matrix}
        notes = {
            "quantize.imatrix.file": str(source.matrix)[:127],
            "quantize.imatrix.dataset": "some text.txt",
            "quantize.imatrix.entries_count": len(source.means),
            "quantize.imatrix.chunks_count": N_CHUNKS,
        }
        theirs = {"importances": source.means, "notes": notes}
    converted(source.checkpoint, ours, judge, type=kind, **options)
    expected = quantize(source.plain, folder / "theirs.gguf", FILE_TYPES[kind], **theirs)
    assert ours.read_bytes() == expected.read_bytes()
    assert np.isfinite(answer(ours, tokens("qwen2"), N_VOCAB)).all()
