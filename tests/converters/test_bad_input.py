"""Checkpoints that are strange rather than broken."""

from __future__ import annotations

import json
import math
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from converters.checkpoint.checkpoint import INDEX
from converters.errors import (
    ConverterError,
    DamagedCheckpoint,
    NativeCheckFailed,
    VocabularySizeMismatch,
)
from converters.llama import Judge
from converters.making import Converted
from tests.converters.making import converted, quantized
from tests.converters.tiny_checkpoints import stored_tensors, write_checkpoint, write_tensors
from tests.converters.tiny_checkpoints.weights import Stored
from tests.inference.tiny_models import write_tiny_model


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


@pytest.mark.parametrize("key", ["num_hidden_layers", "num_experts", "vocab_size", "head_dim"])
def test_sizes_that_no_model_has_are_refused_at_once(
    tmp_path: Path, judge: Judge, key: str
) -> None:
    checkpoint = write_checkpoint(tmp_path, "qwen3moe")
    path = checkpoint / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: 10**9}))
    with pytest.raises(DamagedCheckpoint, match=f"{key} is 1e\\+09; at most"):
        converted(checkpoint, tmp_path / "x.gguf", judge, type="BF16", dry_run=True)


def test_tensors_without_rows_and_with_strange_names_are_told(tmp_path: Path, judge: Judge) -> None:
    path = write_tiny_model(tmp_path / "x.gguf", "qwen3moe", n_layer=1)
    sound = path.read_bytes()
    name = b"blk.0.ffn_down_exps.weight"
    place = sound.index(name) + len(name) + 4  # behind the name, the number of axes
    for broken in (
        sound[: place + 8] + bytes(8) + sound[place + 16 :],
        sound.replace(name, name.replace(b"down", b"do\0n")),
    ):
        path.write_bytes(broken)
        with pytest.raises(ConverterError) as caught:
            quantized(path, tmp_path / "y.gguf", judge, type="Q4_K_M")
        assert caught.value.hint
        assert not list(tmp_path.glob("y*"))


STRANGE: tuple[Any, ...] = (
    None, "x", "", -1, 0, 10**12, -(10**30), 1.5, math.nan, True, [], [None], [[1, 2], [3]], {},
    {"a": 1}, "9" * 5000,
)  # fmt: skip


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value within a JSON value; of long lists only to the first ones."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:4])
    for key, one in inner:
        yield (*above, key)
        if isinstance(one, dict | list):
            yield from _places(one, (*above, key))


def test_configurations_of_any_form_are_read_or_refused(tmp_path: Path, judge: Judge) -> None:
    chance = random.Random(5)
    families = ("deepseek3.1", "gemma3-vision", "qwen3moe", "llama3", "gpt-oss", "phi3")
    outcomes: Counter[str] = Counter()
    for _ in range(72):
        checkpoint = write_checkpoint(tmp_path, chance.choice(families))
        names = ("config.json", "config.json", "generation_config.json", INDEX)
        path = checkpoint / chance.choice([name for name in names if (checkpoint / name).exists()])
        content = json.loads(path.read_text())
        *above, last = chance.choice(list(_places(content)))
        inner = content
        for key in above:
            inner = inner[key]
        inner[last] = chance.choice(STRANGE)
        path.write_text(json.dumps(content))
        try:
            converted(checkpoint, tmp_path / "x.gguf", judge, type="BF16", dry_run=True)
            outcomes["read"] += 1
        except ConverterError as error:
            outcomes["told" if error.detail and error.hint else "not told"] += 1
        shutil.rmtree(checkpoint)
    assert min(outcomes["read"], outcomes["told"]) > 10
    assert outcomes["not told"] == 0
