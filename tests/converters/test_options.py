"""Types for some tensors, splitting, names, dry runs."""

import json
from pathlib import Path

import gguf
import pytest

from converters.errors import (
    AlreadyQuantized,
    BadMetadata,
    BadType,
    ConverterError,
)
from converters.llama import Judge
from converters.making import Converted, Planned
from tests.converters.comparing import is_same_file
from tests.converters.making import converted, quantized
from tests.converters.tiny_checkpoints import write_checkpoint


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
