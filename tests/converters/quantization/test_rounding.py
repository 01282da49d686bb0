"""16-bit floats and whole numbers as the kernels round them, against numpy and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numba import njit

from converters.quantization.kernels.rounding import (
    half_bits,
    half_value,
    is_finite_half,
    nearest_int,
)


@njit
def all_values(bits, values):
    for i in range(len(bits)):
        values[i] = half_value(bits[i])


@njit
def all_bits(values, bits):
    for i in range(len(values)):
        bits[i] = half_bits(values[i])


@pytest.fixture(scope="module")
def halves() -> np.ndarray:
    """Every finite 16-bit float."""
    every = np.arange(1 << 16, dtype=np.int32)
    return every[(every & 0x7C00) != 0x7C00]


def test_every_finite_half_is_read_as_numpy_reads_it(halves: np.ndarray) -> None:
    values = np.empty(len(halves), np.float32)
    all_values(halves, values)

    expected = halves.astype(np.uint16).view(np.float16).astype(np.float32)
    assert np.array_equal(values.view(np.int32), expected.view(np.int32))


def test_halves_their_middles_and_neighbours_are_written_as_numpy_writes_them(
    halves: np.ndarray,
) -> None:
    exact = halves.astype(np.uint16).view(np.float16).astype(np.float32)
    positive = np.sort(exact[exact >= 0])
    middles = (positive[1:] + positive[:-1]) / 2
    near = np.concatenate([exact, middles, np.nextafter(middles, 0), np.nextafter(middles, 1e9)])
    values = np.concatenate([near, -near, [65519.99, 65520.0, 1e38, 1e-45]]).astype(np.float32)
    bits = np.empty(len(values), np.int64)
    all_bits(values, bits)

    with np.errstate(over="ignore"):
        expected = values.astype(np.float16).view(np.uint16)
    assert np.array_equal(bits, expected)


def test_infinity_is_no_finite_half() -> None:
    assert not is_finite_half(0x7C00)
    assert not is_finite_half(0xFC00)
    assert is_finite_half(0x7BFF)


@pytest.mark.parametrize(
    ("value", "whole"),
    [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (2.4999998, 2), (4e6, 4000000)],
)
def test_ties_go_to_the_even_neighbour(value: float, whole: int) -> None:
    assert nearest_int(np.float32(value)) == whole


def test_beyond_its_range_the_trick_overflows_as_in_ggml() -> None:
    # 2**22 + 12582912 = 2**24, whose mantissa is 0: 0 - 2**22.
    assert nearest_int(np.float32(2.0**22)) == -(2**22)
