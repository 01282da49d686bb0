"""Checkpoints that are strange rather than broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from converters.errors import NativeCheckFailed, VocabularySizeMismatch
from converters.llama import Judge
from converters.making import Converted
from tests.converters.making import converted
from tests.converters.tiny_checkpoints import stored_tensors, write_checkpoint, write_tensors
from tests.converters.tiny_checkpoints.weights import Stored


def test_code_of_a_checkpoint_is_never_run(tmp_path: Path, judge: Judge) -> None:
    checkpoint = write_checkpoint(tmp_path, "qwen3")
    trace = tmp_path / "trace"
    for name in ("configuration_x", "modeling_x", "tokenization_x"):
        (checkpoint / f"{name}.py").write_text(f"open({str(trace)!r}, 'w')")
    for file, key, value in (
        ("config.json", "AutoModelForCausalLM", "modeling_x.X"),
        ("tokenizer_config.json", "AutoTokenizer", ["tokenization_x.X", None]),
    ):
        content = json.loads((checkpoint / file).read_text())
        content["auto_map"] = {key: value, "AutoConfig": "configuration_x.X"}
        (checkpoint / file).write_text(json.dumps(content))
    result = converted(checkpoint, tmp_path / "x.gguf", judge, type="BF16")
    assert isinstance(result, Converted)
    assert not trace.exists()


def test_a_tokenizer_for_another_embedding_is_refused(tmp_path: Path, judge: Judge) -> None:
    """config.json fits the tokenizer, but the weights are those of another revision."""
    checkpoint = write_checkpoint(tmp_path, "mixtral")
    tensors = stored_tensors("mixtral")
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        n_rows, n_columns = tensors[name].shape
        tensors[name] = Stored("BF16", (n_rows + 3, n_columns), bytes((n_rows + 3) * n_columns * 2))
    write_tensors(checkpoint, tensors)
    with pytest.raises(VocabularySizeMismatch) as caught:
        converted(checkpoint, tmp_path / "x.gguf", judge, type="BF16")
    assert f"{n_rows:,} tokens, the embedding {n_rows + 3:,} rows" in caught.value.detail
    assert not list(tmp_path.glob("x.gguf*"))


@pytest.mark.parametrize("type_", ["Q4_K_M", "BF16"])
def test_a_tensor_of_a_wrong_shape_is_named(tmp_path: Path, judge: Judge, type_: str) -> None:
    checkpoint = write_checkpoint(tmp_path, "qwen3")
    tensors = stored_tensors("qwen3")
    name = "model.layers.1.mlp.up_proj.weight"
    n_rows, n_columns = tensors[name].shape
    tensors[name] = Stored("BF16", (n_rows // 2, n_columns), bytes(n_rows * n_columns))
    for shard in checkpoint.glob("model*"):
        shard.unlink()
    write_tensors(checkpoint, tensors)
    with pytest.raises(NativeCheckFailed, match=r"blk\.1\.ffn_up\.weight.*wrong shape"):
        converted(checkpoint, tmp_path / "x.gguf", judge, type=type_)
    assert not list(tmp_path.glob("x.gguf*"))


def test_rows_that_a_type_cannot_hold_are_told(tmp_path: Path, judge: Judge) -> None:
    """Where no super-block of 256 fits, llama.cpp takes Q5_0 instead of Q4_K."""
    checkpoint = write_checkpoint(tmp_path, "qwen3")
    result = converted(checkpoint, tmp_path / "x.gguf", judge, type="Q4_K_M")
    assert isinstance(result, Converted)
    assert any("do not fit" in note and "Q5_0 instead" in note for note in result.notes)
