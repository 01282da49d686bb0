"""The comparers themselves: they find what differs, and count as a pencil does."""

import math
from pathlib import Path

import gguf
import numpy as np
import pytest

from tests.converters.answering import kl_divergence
from tests.converters.comparing import compare_files, expectation, expected
from tests.converters.tiny_checkpoints import RECIPES


def _write(path: Path, eps: float = 1e-5, width: int = 32, weight: float = 1.0) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_layer_norm_rms_eps(eps)
    writer.add_token_list([f"token-{index}" for index in range(50)])
    writer.add_tensor("output_norm.weight", np.full(width, weight, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_equal_files_have_no_differences(tmp_path: Path) -> None:
    assert compare_files(_write(tmp_path / "a.gguf"), _write(tmp_path / "b.gguf")) == []


@pytest.mark.parametrize(
    ("change", "expected_start"),
    [
        ({"eps": 1e-6}, "llama.attention.layer_norm_rms_epsilon: ['FLOAT32', 9.99"),
        ({"width": 64}, "output_norm.weight: shape [64], not [32], sha256 "),
        ({"weight": 1.5}, "output_norm.weight: sha256 "),
    ],
)
def test_a_difference_is_named(
    tmp_path: Path, change: dict[str, float], expected_start: str
) -> None:
    ours = _write(tmp_path / "a.gguf", **change)
    (line,) = compare_files(ours, _write(tmp_path / "b.gguf"))
    assert line.startswith(expected_start)


def test_missing_and_extra_keys_are_named(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "llama")
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_name("Extra")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    assert compare_files(tmp_path / "a.gguf", _write(tmp_path / "b.gguf")) == [
        "tokenizer.ggml.tokens: missing",
        "general.name: not in upstream's file",
        "output_norm.weight: missing",
    ]


def test_divergence_of_two_coins() -> None:
    """A fair coin against one of 3 : 1 is log(2) - log(3) / 2 = 0.1438 nats away."""
    fair, loaded = np.zeros((1, 2)), np.log([[3.0, 1.0]])
    assert kl_divergence(fair, loaded) == pytest.approx([math.log(2) - math.log(3) / 2])
    # A constant in all logits changes no probability.
    assert kl_divergence(loaded, loaded + 7) == pytest.approx([0.0], abs=1e-15)


@pytest.mark.parametrize("family", RECIPES)
def test_expectations_are_whole(family: str) -> None:
    """Each reference has all kinds, and every tensor of one is in the others."""
    stored = expectation(family)
    plain = expected(stored, "f32")
    assert plain["metadata"]["general.file_type"][1] in (0, 38)
    for kind, quantized in stored["quantized"].items():
        assert quantized["types"].keys() == plain["tensors"].keys(), kind
