"""Forms that upstream's converter or llama.cpp cannot take, and what becomes of them."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from converters.architectures import architecture_of
from converters.errors import ConverterError, DamagedCheckpoint, UnsupportedArchitecture
from converters.llama import Judge
from converters.making import Converted
from converters.tensors import Constant
from tests.converters.comparing import describe, expectation, is_same_file
from tests.converters.making import converted
from tests.converters.tiny_checkpoints import (
    RECIPES,
    stored_tensors,
    values,
    write_checkpoint,
    write_tensors,
)
from tests.converters.tiny_checkpoints.recipe import Json
from tests.converters.tiny_checkpoints.weights import Stored


def _change_config(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def _joined(first: Stored, second: Stored) -> Stored:
    shape = (first.shape[0] + second.shape[0], *first.shape[1:])
    return Stored(first.dtype, shape, first.data + second.data)


def test_granite_with_nothing_but_shared_experts_is_dense_granite(
    tmp_path: Path, judge: Judge
) -> None:
    """Upstream's converter ends here: it has no names for these tensors. llama.cpp has."""
    folder = write_checkpoint(tmp_path, "granite")
    dense = stored_tensors("granite")
    shared = {name: tensor for name, tensor in dense.items() if ".mlp." not in name}
    for layer in ("model.layers.0", "model.layers.1"):
        gate, up, down = (
            dense[f"{layer}.mlp.{kind}_proj.weight"] for kind in ("gate", "up", "down")
        )
        shared[f"{layer}.shared_mlp.input_linear.weight"] = _joined(gate, up)
        shared[f"{layer}.shared_mlp.output_linear.weight"] = down
    write_tensors(folder, shared)
    _change_config(
        folder,
        architectures=["GraniteMoeSharedForCausalLM"],
        model_type="granitemoeshared",
        num_local_experts=0,
        shared_intermediate_size=512,
        intermediate_size=64,
    )
    path = tmp_path / "f32.gguf"
    assert isinstance(converted(folder, path, judge, type="F32"), Converted)
    expected = expectation("granite")["tensors"]
    found = describe(path)["tensors"]
    assert {name: [tensor["type"], tensor["sha256"]] for name, tensor in found.items()} == {
        name: tensor["f32"] for name, tensor in expected.items()
    }


def test_gemma_3_loses_rows_of_the_embedding_that_have_no_token(
    tmp_path: Path, judge: Judge
) -> None:
    folder = write_checkpoint(tmp_path, "gemma3")
    tensors = stored_tensors("gemma3")
    name = "model.embed_tokens.weight"
    tensors[name] = _joined(tensors[name], Stored("BF16", (16, 256), bytes(16 * 256 * 2)))
    write_tensors(folder, tensors)
    path = tmp_path / "f32.gguf"
    converted(folder, path, judge, type="F32")
    assert is_same_file(path, "gemma3", "f32")


def test_norms_in_float16_are_rounded_as_upstream_does(tmp_path: Path, judge: Judge) -> None:
    """By hand: the sum of a float16 and one, rounded to float16."""
    folder = write_checkpoint(tmp_path, "gemma2-f16")
    path = tmp_path / "f32.gguf"
    converted(folder, path, judge, type="F32")
    stored = values("gemma2-f16")["model.norm.weight"]
    reader = gguf.GGUFReader(path)
    norm = next(tensor for tensor in reader.tensors if tensor.name == "output_norm.weight")
    assert np.array_equal(norm.data, (stored + 1).astype(np.float16).astype(np.float32))


@pytest.mark.parametrize(
    ("family", "changes", "error", "words"),
    [
        ("smollm3", {"no_rope_layers": [1, 0, 1, 0, 1]}, UnsupportedArchitecture, "every 4th"),
        ("smollm3", {"no_rope_layers": [1] * 5}, UnsupportedArchitecture, "every 4th"),
        (
            "gemma3",
            {"layer_types": ["full_attention"] * 7},
            UnsupportedArchitecture,
            "one layer of every 6",
        ),
        ("gemma3", {"sliding_window_pattern": 2}, UnsupportedArchitecture, "one layer of every 6"),
        ("gemma3", {"query_pre_attn_scalar": 256}, UnsupportedArchitecture, "of 64 in attention"),
        ("gemma2", {"query_pre_attn_scalar": 32}, UnsupportedArchitecture, "of 64 in attention"),
        ("gemma3", {"attn_logit_softcapping": 50.0}, DamagedCheckpoint, "softcapping"),
        ("phi3", {"rope_scaling": {"type": "new", "long_factor": [1]}}, DamagedCheckpoint, "'new'"),
        (
            "phi4-mini",
            {"partial_rotary_factor": 1.0},
            DamagedCheckpoint,
            "long_factor .* 24 numbers, not 32",
        ),
        ("ernie4.5moe", {"moe_layer_interval": 2}, UnsupportedArchitecture, "interval is 2"),
        ("ernie4.5moe", {"moe_layer_end_index": 1}, UnsupportedArchitecture, "end_index 1"),
        ("ernie4.5moe", {"use_bias": True}, UnsupportedArchitecture, "biases"),
        ("phimoe", {"rope_scaling": None, "original_max_position_embeddings": None},
         DamagedCheckpoint, "original_max_position_embeddings"),
    ],
)  # fmt: skip
def test_configurations_that_cannot_be_written_down(
    family: str, changes: Json, error: type[ConverterError], words: str
) -> None:
    config = RECIPES[family].config | changes
    described = architecture_of(config)(config, {})

    def write_down() -> None:
        described.leading_metadata()
        described.metadata(gguf.LlamaFileType.ALL_F32)
        list(described.tensors())

    with pytest.raises(error, match=words):
        write_down()


def test_the_shared_expert_of_ernie_is_as_wide_as_its_makers_say() -> None:
    """Upstream divides `intermediate_size` by the heads of keys, which is right by chance only."""
    config = RECIPES["ernie4.5moe"].config | {
        "intermediate_size": 1024,
        "moe_num_shared_experts": 2,
    }
    keys = architecture_of(config)(config, {}).metadata(gguf.LlamaFileType.ALL_F32)
    assert keys["ernie4_5-moe.expert_shared_feed_forward_length"].value == 2 * 256


def test_layers_of_ernie_that_predict_further_are_left_out() -> None:
    config = RECIPES["ernie4.5moe"].config
    described = architecture_of(config)(config, {})
    assert described.kept_name("model.mtp_block.0.mlp.up_proj.weight") is None
    assert described.kept_name("model.layers.0.mlp.up_proj.weight") is not None


def test_factors_that_are_no_numbers_are_the_configurations_fault() -> None:
    scaling = {"type": "longrope", "long_factor": ["a"], "short_factor": [1]}
    config = RECIPES["phi3"].config | {"rope_scaling": scaling}
    described = architecture_of(config)(config, {})
    with pytest.raises(DamagedCheckpoint, match="could not convert"):
        list(described.tensors())


def test_fused_tensors_of_a_wrong_height_are_told() -> None:
    config = RECIPES["granitemoe"].config
    described = architecture_of(config)(config, {})
    source = Constant(np.zeros((8, 100, 256), dtype=np.float32))
    with pytest.raises(ValueError, match="have 100 rows, not two times 256"):
        list(described.convert("model.layers.0.block_sparse_moe.input_linear.weight", source, 0))
