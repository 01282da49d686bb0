"""ggml's quantization through ctypes: sizes, bytes, and what is refused before it could abort."""

from __future__ import annotations

import numpy as np
import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants
from numpy.typing import NDArray

from converters.errors import ImatrixNeeded, NotQuantizable, RowLengthUnfit, WeightsNotFinite
from converters.quantization import ggml

Type = GGMLQuantizationType
N_COLUMNS = 512


def weights(n_rows: int = 3) -> NDArray[np.float32]:
    return np.random.default_rng(5).standard_normal((n_rows, N_COLUMNS)).astype(np.float32)


@pytest.mark.parametrize("type_", sorted(ggml.QUANTIZABLE), ids=lambda type_: type_.name)
def test_every_type_comes_back_near_what_went_in(type_: Type) -> None:
    rows, importance = weights(), np.ones(N_COLUMNS, np.float32)

    packed = ggml.quantize_rows(type_, rows, importance)
    back = ggml.dequantize_rows(type_, packed, N_COLUMNS)

    block_size, type_size = GGML_QUANT_SIZES[type_]
    assert packed.shape == (3, N_COLUMNS // block_size * type_size)
    # Guessing zero for normal weights is wrong by 1; even ternary types are nearer than that.
    assert np.sqrt(np.mean((back - rows) ** 2)) < 0.8
    if type_ != Type.Q1_0:
        assert np.array_equal(back, quants.dequantize(packed, type_))


@pytest.mark.parametrize("type_", [Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0])
def test_without_imatrix_equals_the_gguf_package(type_: Type) -> None:
    rows = weights()

    assert np.array_equal(ggml.quantize_rows(type_, rows), quants.quantize(rows, type_))


def test_rows_are_independent_and_out_is_used() -> None:
    rows = weights()
    importance = np.linspace(0, 1, N_COLUMNS, dtype=np.float32)
    out = np.zeros((3, ggml.row_size(Type.Q3_K, N_COLUMNS)), np.uint8)

    assert ggml.quantize_rows(Type.Q3_K, rows, importance, out) is out
    alone = [ggml.quantize_rows(Type.Q3_K, rows[i : i + 1], importance) for i in range(3)]
    assert np.array_equal(out, np.concatenate(alone))


def test_no_rows_are_no_bytes() -> None:
    nothing = np.empty((0, N_COLUMNS), np.float32)

    assert ggml.quantize_rows(Type.Q4_K, nothing).shape == (0, 288)


def test_unfit_rows_are_named_with_numbers() -> None:
    with pytest.raises(RowLengthUnfit) as caught:
        ggml.quantize_rows(Type.Q4_K, np.zeros((2, 320), np.float32))

    assert "320" in caught.value.title
    assert "256" in caught.value.detail
    assert caught.value.hint


def test_types_that_need_an_imatrix_say_so() -> None:
    with pytest.raises(ImatrixNeeded, match="IQ2_XXS"):
        ggml.quantize_rows(Type.IQ2_XXS, weights())


def test_grid_types_refuse_what_would_end_the_process() -> None:
    rows = weights()
    rows[1, 7] = np.nan

    with pytest.raises(WeightsNotFinite, match="1 of 1536 weights"):
        ggml.quantize_rows(Type.IQ3_S, rows)


@pytest.mark.parametrize("type_", [Type.Q8_1, Type.Q8_K, Type.I32])
def test_types_that_hold_no_weights_are_refused(type_: Type) -> None:
    with pytest.raises(NotQuantizable):
        ggml.quantize_rows(type_, weights())


def test_wrong_arrays_are_a_callers_bug() -> None:
    rows = weights()
    wrong_out = np.empty((3, 5), np.uint8)

    with pytest.raises(ValueError, match="float64"):
        ggml.quantize_rows(Type.Q8_0, rows.astype(np.float64))
    with pytest.raises(ValueError, match="contiguous"):
        ggml.quantize_rows(Type.Q8_0, rows[:, ::2])
    with pytest.raises(ValueError, match="imatrix"):
        ggml.quantize_rows(Type.Q8_0, rows, rows[0, :32])
    with pytest.raises(ValueError, match="out"):
        ggml.quantize_rows(Type.Q8_0, rows, None, wrong_out)
    with pytest.raises(ValueError, match="no rows of"):
        ggml.dequantize_rows(Type.Q8_0, wrong_out, N_COLUMNS)
