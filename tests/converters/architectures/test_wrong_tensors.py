"""Checkpoints that are not of the architecture they name: everything wrong is listed at once."""

import json
from pathlib import Path

import gguf
import pytest

from converters.architectures import architecture_of
from converters.checkpoint import Checkpoint
from converters.errors import DamagedCheckpoint, UnsupportedArchitecture, WrongTensors
from converters.numbers import read_sources
from tests.converters.tiny_checkpoints import stored_tensors, write_checkpoint, write_tensors
from tests.converters.tiny_checkpoints.weights import Stored


def _names(folder: Path) -> list[str]:
    checkpoint = Checkpoint.open(folder)
    described = architecture_of(checkpoint.config)(checkpoint.config, read_sources(checkpoint))
    return [name for name, _ in described.tensors()]


def test_unknown_tensors_and_missing_experts_are_all_listed(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, "qwen3moe")
    tensors = stored_tensors("qwen3moe")
    removed = [name for name in tensors if ".experts.1.up_proj" in name]
    assert len(removed) > 1
    kept = {name: tensor for name, tensor in tensors.items() if name not in removed}
    for shard in folder.glob("model*"):
        shard.unlink()
    kept["model.layers.0.strange.weight"] = Stored("F32", (2,), bytes(8))
    write_tensors(folder, kept)
    with pytest.raises(WrongTensors) as caught:
        _names(folder)
    for name in (*removed, "model.layers.0.strange.weight is unknown"):
        assert name in caught.value.detail


def test_what_is_too_much_and_what_lacks_are_listed_at_once(tmp_path: Path) -> None:
    """Also where only the other layers tell that something lacks."""
    folder = write_checkpoint(tmp_path, "smollm3")
    tensors = stored_tensors("smollm3")
    del tensors["model.layers.1.self_attn.k_proj.weight"]
    name = "model.layers.0.self_attn.v_proj.weight"
    tensors[name] = Stored("U8", tensors[name].shape, bytes(len(tensors[name].data) // 2))
    tensors["model.layers.0.extra.weight"] = Stored("BF16", (2,), bytes(4))
    for shard in folder.glob("model*"):
        shard.unlink()
    write_tensors(folder, tensors)
    with pytest.raises(WrongTensors) as caught:
        _names(folder)
    assert caught.value.detail == (
        "3 problems: model.layers.0.extra.weight is unknown; "
        f"{name}: it holds whole numbers, which weights are not; "
        "blk.1.attn_k.weight is missing."
    )


def test_experts_of_different_shapes_are_named(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, "mixtral")
    tensors = stored_tensors("mixtral")
    name = next(name for name in tensors if ".experts.1.w1" in name)
    tensors[name] = Stored("BF16", (3, 256), bytes(3 * 256 * 2))
    write_tensors(folder, tensors)
    with pytest.raises(WrongTensors, match="cannot be stacked"):
        _names(folder)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"architectures": ["Qwen3MoeForCausalLm"]}, "Qwen3MoeForCausalLM"),
        ({"architectures": []}, "names no architecture"),
        ({}, "names no architecture"),
    ],
)
def test_an_unknown_architecture_is_told_with_the_nearest(
    config: dict[str, object], words: str
) -> None:
    with pytest.raises(UnsupportedArchitecture) as caught:
        architecture_of(config)
    assert words in caught.value.detail + caught.value.hint


def test_the_model_type_serves_where_no_architecture_is_named() -> None:
    assert architecture_of({"model_type": "qwen3_moe"}).names == ("Qwen3MoeForCausalLM",)


def test_a_configuration_without_what_others_need(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, "qwen2")
    config = json.loads((folder / "config.json").read_text())
    config["rope_scaling"] = {"rope_type": "yarn", "factor": 4.0}
    (folder / "config.json").write_text(json.dumps(config))
    checkpoint = Checkpoint.open(folder)
    described = architecture_of(checkpoint.config)(checkpoint.config, read_sources(checkpoint))
    with pytest.raises(DamagedCheckpoint, match="original_max_position_embeddings"):
        described.metadata(gguf.LlamaFileType.MOSTLY_BF16)
