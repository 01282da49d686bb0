"""Transforms, read in pieces, against numpy on whole arrays."""

import numpy as np
import pytest
from numpy.typing import NDArray

from converters.tensors import (
    Constant,
    Joined,
    Reshaped,
    RowsChosen,
    Shifted,
    SourceDtype,
    Stacked,
    TensorSource,
    Transposed,
)

_CHANCE = np.random.default_rng(0)


def _array(*shape: int) -> NDArray[np.float32]:
    return _CHANCE.standard_normal(shape, dtype=np.float32)


class _Half(Constant):
    """A constant that says it was stored as float16."""

    dtype = SourceDtype.F16


def _check(source: TensorSource, expected: NDArray[np.float32]) -> None:
    assert source.shape == expected.shape
    rows = expected.reshape(-1, expected.shape[-1])
    assert (source.n_rows, source.n_columns) == rows.shape
    for step in (1, 3, len(rows)):
        for first in range(0, len(rows), step):
            count = min(step, len(rows) - first)
            np.testing.assert_array_equal(
                source.read_rows(first, count), rows[first : first + count]
            )


def test_stacks_and_joins() -> None:
    parts = [_array(4, 5) for _ in range(3)]
    _check(Stacked([Constant(part) for part in parts]), np.stack(parts))
    uneven = [_array(2, 5), _array(7, 5), _array(1, 5)]
    _check(Joined([Constant(part) for part in uneven]), np.concatenate(uneven))


def test_stacks_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be stacked"):
        Stacked([Constant(_array(4, 5)), Constant(_array(5, 4))])
    with pytest.raises(ValueError, match="cannot be joined"):
        Joined([Constant(_array(4, 5)), Constant(_array(4, 6))])


def test_rows_in_any_order() -> None:
    values = _array(12, 5)
    for order in (np.arange(12)[::-1], np.arange(1, 12, 2), np.array([11, 0, 5, 5])):
        _check(RowsChosen(Constant(values), order), values[order])
    stack = _array(3, 8, 5)
    odd = np.arange(24).reshape(3, 8)[:, 1::2].reshape(-1)
    _check(RowsChosen(Constant(stack), odd, (3, 4, 5)), stack[:, 1::2])


def test_other_leading_axes() -> None:
    values = _array(6, 5)
    _check(Reshaped(Constant(values), (2, 3, 5)), values.reshape(2, 3, 5))
    with pytest.raises(ValueError, match="cannot be seen as"):
        Reshaped(Constant(values), (5, 6))


def test_transposed_matrices() -> None:
    values = _array(3, 7, 4)
    _check(Transposed(Constant(values)), np.ascontiguousarray(values.transpose(0, 2, 1)))
    _check(Transposed(Constant(values[0])), np.ascontiguousarray(values[0].T))


def test_a_matrix_is_transposed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("converters.tensors._BLOCK_VALUES", 10)
    values = _array(2, 7, 4)
    _check(Transposed(Constant(values)), np.ascontiguousarray(values.transpose(0, 2, 1)))


def test_a_number_added_in_the_precision_of_the_source() -> None:
    values = _array(3, 5)
    _check(Shifted(Constant(values), 1.0), values + np.float32(1))
    halves = values.astype(np.float16).astype(np.float32)
    expected = (halves.astype(np.float16) + np.float16(1)).astype(np.float32)
    _check(Shifted(_Half(halves), 1.0), expected)
