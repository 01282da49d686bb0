"""Stored forms of numbers against what `tiny_checkpoints` says they mean, or against hand."""

import json
from pathlib import Path

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from converters.checkpoint import Checkpoint
from converters.errors import DamagedCheckpoint, UnsupportedNumbers
from converters.numbers import read_sources
from converters.tensors import SourceDtype, TensorSource
from tests.converters.tiny_checkpoints import weights, write_tensors
from tests.converters.tiny_checkpoints.weights import Stored


def _sources(
    folder: Path, tensors: dict[str, Stored], quantization: object = None
) -> dict[str, TensorSource]:
    write_tensors(folder, tensors)
    config = {"quantization_config": quantization} if quantization else {}
    (folder / "config.json").write_text(json.dumps(config))
    return read_sources(Checkpoint.open(folder))


def _all(source: TensorSource, step: int = 50) -> NDArray[np.float32]:
    n_rows = source.n_rows
    parts = [source.read_rows(i, min(step, n_rows - i)) for i in range(0, n_rows, step)]
    return np.concatenate(parts).reshape(source.shape)


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_plain_numbers(tmp_path: Path, dtype: str) -> None:
    stored = weights.store(weights.draw("x", "w.weight", (7, 64)), dtype)
    source = _sources(tmp_path, {"w.weight": stored})["w.weight"]
    assert source.dtype is SourceDtype[dtype]
    np.testing.assert_array_equal(_all(source, 3), weights.load(stored))
    assert source.packed_type is gguf.GGMLQuantizationType[dtype]
    assert (
        source.read_packed(2, 3).tobytes()
        == stored.data[2 * len(stored.data) // 7 :][: 3 * len(stored.data) // 7]
    )


def test_blocks_of_fp8_with_ragged_edges(tmp_path: Path) -> None:
    codes, scales = weights.fp8_blocks("x", "w", (200, 320), power_of_two=False)
    tensors = {"w.weight": codes, "w.weight_scale_inv": scales}
    config = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    source = _sources(tmp_path, tensors, config)["w.weight"]
    assert source.dtype is SourceDtype.DEQUANTIZED
    np.testing.assert_array_equal(_all(source), weights.fp8_values(codes, scales))


def test_every_number_of_eight_bits(tmp_path: Path) -> None:
    codes = np.arange(256, dtype=np.uint8).reshape(2, 128)
    tensors = {
        "w.weight": Stored("F8_E4M3", (2, 128), codes.tobytes()),
        "w.weight_scale_inv": weights.store(np.ones((1, 1), np.float32), "F32"),
    }
    config = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    rows = _all(_sources(tmp_path, tensors, config)["w.weight"])
    expected = weights.e4m3_values()
    assert np.isnan(expected[[0x7F, 0xFF]]).all()
    np.testing.assert_array_equal(rows.reshape(-1), expected)


_CHANNEL = {"weights": {"strategy": "channel", "type": "float", "num_bits": 8}}
_BY_ROWS = [
    {
        "quant_method": "compressed-tensors",
        "format": "float-quantized",
        "config_groups": {"group_0": _CHANNEL},
    },
    {"quant_method": "fp8", "activation_scheme": "static"},
    {"quant_method": "fbgemm_fp8", "activation_scale_ub": 1200.0},
    {"quant_method": "modelopt", "quant_algo": "FP8"},
]


@pytest.mark.parametrize("config", _BY_ROWS, ids=lambda config: config["quant_method"])
@pytest.mark.parametrize("scale_shape", [(), (1,), (6,), (6, 1)])
def test_fp8_with_a_scale_for_the_tensor_or_each_row(
    tmp_path: Path, scale_shape: tuple[int, ...], config: object
) -> None:
    codes = np.arange(96, dtype=np.uint8).reshape(6, 16)
    scales = np.linspace(0.5, 3, 6, dtype="<f4")[: int(np.prod(scale_shape))]
    tensors = {
        "w.weight": Stored("F8_E4M3", (6, 16), codes.tobytes()),
        "w.weight_scale": weights.store(scales.reshape(scale_shape), "F32"),
        "w.input_scale": weights.store(np.ones(1, np.float32), "F32"),
    }
    sources = _sources(tmp_path, tensors, config)
    assert list(sources) == ["w.weight"]
    expected = weights.e4m3_values()[codes] * scales.reshape(-1, 1)
    np.testing.assert_array_equal(_all(sources["w.weight"], 4), expected.astype(np.float32))


def test_a_weight_that_is_called_a_scale_stays(tmp_path: Path) -> None:
    codes, scales = weights.fp8_blocks("x", "w", (128, 128), power_of_two=False)
    tensors = {
        "w.weight": codes,
        "w.weight_scale_inv": scales,
        "w.bias": weights.store(np.ones(128, np.float32), "BF16"),
        "norm.layer_scale": weights.store(np.ones(3, np.float32), "F32"),
    }
    sources = _sources(tmp_path, tensors, {"quant_method": "fp8", "weight_block_size": [128, 128]})
    assert set(sources) == {"w.weight", "w.bias", "norm.layer_scale"}


def _int4(
    zero_point: bool,
) -> tuple[dict[str, Stored], NDArray[np.float32]]:
    chance = np.random.default_rng(1)
    values = chance.integers(0, 16, (8, 64))
    scales = chance.integers(1, 9, (8, 2)).astype(np.float32) / 8
    zeros = chance.integers(0, 16, (8, 2)) if zero_point else np.full((8, 2), 8)
    # Eight numbers in a word, the first in the lowest bits; zero points along the rows.
    words = (values.reshape(8, 8, 8) << (4 * np.arange(8))).sum(-1).astype("<u4")
    zero_words = (zeros.T << (4 * np.arange(8))).sum(-1).astype("<u4").reshape(1, 2)
    tensors = {
        "w.weight_packed": Stored("I32", (8, 8), words.tobytes()),
        "w.weight_scale": weights.store(scales, "BF16"),
        "w.weight_shape": Stored("I64", (2,), np.array([8, 64], "<i8").tobytes()),
    }
    if zero_point:
        tensors["w.weight_zero_point"] = Stored("I32", (1, 2), zero_words.tobytes())
    expected = (values - np.repeat(zeros, 32, 1)) * np.repeat(scales, 32, 1)
    return tensors, expected.astype(np.float32)


@pytest.mark.parametrize("zero_point", [False, True])
def test_packed_integers(tmp_path: Path, zero_point: bool) -> None:
    tensors, expected = _int4(zero_point)
    weights_config = {"num_bits": 4, "strategy": "group", "group_size": 32, "type": "int"}
    config = {
        "quant_method": "compressed-tensors",
        "format": "pack-quantized",
        "config_groups": {"group_0": {"weights": weights_config}},
    }
    sources = _sources(tmp_path, tensors, config)
    assert list(sources) == ["w.weight"]
    np.testing.assert_array_equal(_all(sources["w.weight"], 3), expected)


def test_mxfp4_is_moved_and_not_rounded(tmp_path: Path) -> None:
    codes, scales = weights.mxfp4("x", "w", (2, 6, 96))
    tensors = {"w_blocks": codes, "w_scales": scales, "w_bias": Stored("F32", (2,), bytes(8))}
    sources = _sources(tmp_path, tensors, {"quant_method": "mxfp4"})
    assert set(sources) == {"w", "w_bias"}
    source = sources["w"]
    assert source.must_stay_packed
    expected = weights.mxfp4_values(codes, scales)
    assert source.shape == expected.shape
    np.testing.assert_array_equal(_all(source, 5), expected)
    packed = source.read_packed(0, 12)
    decoded = gguf.dequantize(packed, gguf.GGMLQuantizationType.MXFP4)
    np.testing.assert_array_equal(decoded.reshape(expected.shape), expected)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"quant_method": "gptq"}, "'gptq'"),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "'NVFP4'"),
        ({"quant_method": "compressed-tensors", "config_groups": {}}, "not one group"),
        (
            {
                "quant_method": "compressed-tensors",
                "format": "pack-quantized",
                "config_groups": {"g": {"weights": {"num_bits": 3, "strategy": "group"}}},
            },
            "num_bits",
        ),
    ],
)
def test_other_forms_are_refused_by_name(tmp_path: Path, config: object, words: str) -> None:
    with pytest.raises(UnsupportedNumbers, match=words):
        _sources(tmp_path, {"w": Stored("F32", (2,), bytes(8))}, config)


def test_a_scale_that_is_missing_or_of_a_wrong_shape(tmp_path: Path) -> None:
    codes, scales = weights.fp8_blocks("x", "w", (256, 256), power_of_two=False)
    config = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    with pytest.raises(DamagedCheckpoint, match=r"w\.weight is there, its scale is not"):
        _sources(tmp_path, {"w.weight": codes}, config)
    blocks, _ = weights.mxfp4("x", "w", (2, 6, 96))
    with pytest.raises(DamagedCheckpoint, match="w_blocks is there, w_scales is not"):
        _sources(tmp_path, {"w_blocks": blocks}, {"quant_method": "mxfp4"})
    wrong = Stored("F32", (4, 1), scales.data)
    with pytest.raises(UnsupportedNumbers, match=r"its scales \[4, 1\]; expected were \[2, 2\]"):
        _sources(tmp_path, {"w.weight": codes, "w.weight_scale_inv": wrong}, config)
