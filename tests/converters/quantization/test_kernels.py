"""Kernels against ggml, byte by byte, on data of many kinds; and what they leave to ggml."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from numpy.random import Generator
from numpy.typing import NDArray

from converters.quantization import compiled, ggml
from converters.quantization.rows import quantize_rows

Type = GGMLQuantizationType
TYPES = [
    Type.Q8_0,
    Type.Q2_K,
    Type.Q3_K,
    Type.Q4_K,
    Type.Q5_K,
    Type.Q6_K,
    Type.IQ4_NL,
    Type.IQ4_XS,
]
Data = NDArray[np.float64]

N_COLUMNS, N_ROWS = 1280, 60


def normal(random: Generator) -> Data:
    return random.standard_normal((N_ROWS, N_COLUMNS)) * 0.02


def heavy_tailed(random: Generator) -> Data:
    return random.standard_t(1.2, (N_ROWS, N_COLUMNS))


def uneven(random: Generator) -> Data:
    sizes = 10.0 ** random.uniform(-14, 5, (N_ROWS, N_COLUMNS // 32))
    return random.standard_normal((N_ROWS, N_COLUMNS)) * sizes.repeat(32, axis=1)


def sparse(random: Generator) -> Data:
    return normal(random) * (random.random((N_ROWS, N_COLUMNS)) < 0.02)


def on_a_grid(random: Generator) -> Data:
    return random.integers(-4, 5, (N_ROWS, N_COLUMNS)) * 0.25


def one_sign(random: Generator) -> Data:
    sign = random.choice([-1.0, 1.0], (N_ROWS, 1))
    return sign * (np.abs(random.standard_normal((N_ROWS, N_COLUMNS))) + 10)


def constant(random: Generator) -> Data:
    return random.standard_normal((N_ROWS, N_COLUMNS // 32)).repeat(32, axis=1)


def zero(random: Generator) -> Data:
    signs = random.choice([-1.0, 1.0], (N_ROWS, N_COLUMNS))
    return np.zeros((N_ROWS, N_COLUMNS)) * signs


def denormal(random: Generator) -> Data:
    sizes = 10.0 ** random.uniform(-45, -36, (N_ROWS, N_COLUMNS // 64))
    return random.standard_normal((N_ROWS, N_COLUMNS)) * sizes.repeat(64, axis=1)


def huge(random: Generator) -> Data:
    sizes = 10.0 ** random.uniform(3, 37, (N_ROWS, N_COLUMNS // 64))
    return random.standard_normal((N_ROWS, N_COLUMNS)) * sizes.repeat(64, axis=1)


KINDS = [
    normal, heavy_tailed, uneven, sparse, on_a_grid, one_sign, constant, zero, denormal, huge,
]  # fmt: skip


def importances(random: Generator) -> NDArray[np.float32]:
    """As calibration gives them: of very different sizes, some columns never seen."""
    values = random.exponential(size=N_COLUMNS) ** 3
    values[:32] = 0
    values[random.random(N_COLUMNS) < 0.1] = 0
    return values.astype(np.float32)


@pytest.fixture(scope="module", params=TYPES, ids=lambda type_: type_.name)
def type_(request: pytest.FixtureRequest) -> Type:
    return request.param


@pytest.fixture
def kernel(type_: Type) -> Callable[..., None]:
    found = compiled.kernel_for(type_)
    assert found is not None, "the trial found a difference; see the log"
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "imatrix"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_same_bytes_as_ggml(
    type_: Type, kernel: object, kind: Callable[[Generator], Data], weighted: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    rows = kind(random).astype(np.float32)
    imatrix = importances(random) if weighted else None

    assert np.array_equal(
        quantize_rows(type_, rows, imatrix), ggml.quantize_rows(type_, rows, imatrix)
    )


@pytest.mark.parametrize("kind", [normal, heavy_tailed, sparse, on_a_grid, constant, zero])
def test_ordinary_blocks_are_not_left_to_ggml(
    type_: Type, kernel: Callable[..., None], kind: Callable[[Generator], Data]
) -> None:
    rows = kind(np.random.default_rng(4)).astype(np.float32)
    block_size = max(GGML_QUANT_SIZES[type_][0], 32)
    odd = np.ones(rows.size // block_size, np.uint8)
    out = np.empty((len(odd), ggml.row_size(type_, block_size)), np.uint8)

    kernel(rows.reshape(-1), np.empty(0, np.float32), out, odd)

    assert not odd.any()
    assert np.array_equal(out.reshape(N_ROWS, -1), ggml.quantize_rows(type_, rows))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "imatrix"])
def test_what_is_no_number_comes_out_as_from_ggml(
    type_: Type, kernel: object, value: float, weighted: bool
) -> None:
    random = np.random.default_rng(6)
    rows = normal(random).astype(np.float32)
    rows[30:] = 0
    rows[random.integers(0, N_ROWS, 40), random.integers(0, N_COLUMNS, 40)] = value
    imatrix = importances(random) if weighted else None

    assert np.array_equal(
        quantize_rows(type_, rows, imatrix), ggml.quantize_rows(type_, rows, imatrix)
    )


@pytest.mark.parametrize("n_blocks", [1, 2, 15, 16, 17, 31, 33])
@pytest.mark.parametrize("n_rows", [1, 2, 5])
def test_batches_that_are_not_full_and_rows_that_end_within_one(
    type_: Type, kernel: object, n_blocks: int, n_rows: int
) -> None:
    random = np.random.default_rng(n_blocks)
    n_columns = n_blocks * GGML_QUANT_SIZES[type_][0]
    rows = random.standard_normal((n_rows, n_columns)).astype(np.float32)
    imatrix = random.exponential(size=n_columns).astype(np.float32)

    for given in (None, imatrix):
        expected = ggml.quantize_rows(type_, rows, given)
        assert np.array_equal(quantize_rows(type_, rows, given), expected)


def test_several_threads_at_the_same_time(type_: Type, kernel: object) -> None:
    parts = [normal(np.random.default_rng(seed)).astype(np.float32) for seed in range(8)]

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda rows: quantize_rows(type_, rows), parts))

    for rows, result in zip(parts, results, strict=True):
        assert np.array_equal(result, ggml.quantize_rows(type_, rows))


def test_out_is_used_and_nothing_is_nothing(type_: Type, kernel: object) -> None:
    rows = normal(np.random.default_rng(7)).astype(np.float32)
    out = np.zeros((N_ROWS, ggml.row_size(type_, N_COLUMNS)), np.uint8)

    assert quantize_rows(type_, rows, None, out) is out
    assert np.array_equal(out, ggml.quantize_rows(type_, rows))
    assert quantize_rows(type_, rows[:0]).shape == (0, out.shape[1])
