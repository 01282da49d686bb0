"""DeepSeek: what must not be converted, and matrices split by heads."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import gguf
import pytest

from converters.architectures import architecture_of
from converters.checkpoint import Checkpoint
from converters.errors import UnsupportedArchitecture, WrongTensors
from converters.numbers import read_sources
from tests.converters.tiny_checkpoints import (
    RECIPES,
    stored_tensors,
    write_checkpoint,
    write_tensors,
)
from tests.converters.tiny_checkpoints.weights import Stored


def _keys(**changes: Any) -> dict[str, Any]:
    """Values by their keys, for the configuration of tiny DeepSeek V3 with changes."""
    config = {**RECIPES["deepseek3"].config, **changes}
    config = {key: value for key, value in config.items() if value != "remove"}
    found = architecture_of(config)(config, {})
    return {
        key: value.value for key, value in found.metadata(gguf.LlamaFileType.MOSTLY_BF16).items()
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"q_lora_rank": None},
        {"num_hidden_layers": 27},
        {"num_hidden_layers": 26},
        {"num_hidden_layers": 48, "vocab_size": 128256},
        {"num_hidden_layers": 48, "q_lora_rank": None},
    ],
)
def test_a_model_that_llama_cpp_takes_for_another_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedArchitecture, match="q_lora_rank"):
        _keys(**changes)


@pytest.mark.parametrize(
    ("changes", "is_read"),
    [
        ({"mscale": 0.707, "mscale_all_dim": 0.707}, True),
        ({"mscale": 1.0, "mscale_all_dim": 1.0}, True),
        ({}, True),
        ({"mscale": 1.0}, True),
        ({"mscale": 1.0, "mscale_all_dim": 0.707}, False),
        ({"mscale_all_dim": 0.5}, False),
        ({"mscale": 0.5}, False),
    ],
)
def test_factors_of_yarn_that_llama_cpp_would_confuse_are_refused(
    changes: dict[str, float], is_read: bool
) -> None:
    yarn = {"type": "yarn", "factor": 40, "original_max_position_embeddings": 4096}
    with nullcontext() if is_read else pytest.raises(UnsupportedArchitecture, match="mscale"):
        _keys(rope_scaling=yarn | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"num_hidden_layers": 27, "q_lora_rank": None},
        {"num_hidden_layers": 48, "vocab_size": 128256, "q_lora_rank": None},
        {"num_hidden_layers": 48},
    ],
)
def test_a_model_that_llama_cpp_tells_apart_is_not(changes: dict[str, Any]) -> None:
    has_rank = "deepseek2.attention.q_lora_rank" in _keys(**changes)
    assert has_rank == ("q_lora_rank" not in changes)


def test_experts_of_version_3_are_chosen_by_sigmoids_where_config_is_silent() -> None:
    gating = _keys(scoring_func="remove")["deepseek2.expert_gating_func"]
    assert gating == gguf.ExpertGatingFuncType.SIGMOID


def test_heads_that_do_not_fit_are_told(tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path, "deepseek3")
    tensors = stored_tensors("deepseek3")
    name = "model.layers.1.self_attn.kv_b_proj.weight"
    tensors[name] = Stored("BF16", (250, 128), bytes(250 * 128 * 2))
    write_tensors(folder, tensors)
    checkpoint = Checkpoint.open(folder)
    found = architecture_of(checkpoint.config)(checkpoint.config, read_sources(checkpoint))
    with pytest.raises(WrongTensors, match=r"kv_b_proj.*250 rows are not 4 heads of 32 \+ 32"):
        list(found.tensors())


@pytest.mark.parametrize(
    ("family", "keep_mtp", "words"),
    [
        ("deepseek2", True, "num_nextn_predict_layers is None"),
        ("qwen3", True, "Qwen3ForCausalLM"),
        ("qwen3", False, "Qwen3ForCausalLM"),
    ],
)
def test_no_layers_that_predict_further(family: str, keep_mtp: bool, words: str) -> None:
    config = RECIPES[family].config
    with pytest.raises(UnsupportedArchitecture, match=words):
        architecture_of(config).configured(config, keep_mtp)
