"""Types that conversion writes, against the `gguf` package, which llama.cpp's converter uses."""

from __future__ import annotations

import numpy as np
import pytest
from gguf import GGMLQuantizationType, quants
from numpy.typing import NDArray

from converters.quantization import compiled
from converters.quantization.rows import keep_bf16, quantize_rows

Type = GGMLQuantizationType
CONVERTED = [Type.F32, Type.F16, Type.BF16, Type.Q8_0, Type.TQ1_0, Type.TQ2_0]


def any_finite_bits() -> NDArray[np.float32]:
    bits = np.random.default_rng(1).integers(0, 1 << 32, (500, 256), dtype=np.uint32)
    values = bits.view(np.float32)
    return np.where(np.isfinite(values), values, np.float32(0))


def any_size() -> NDArray[np.float32]:
    random = np.random.default_rng(2)
    values = random.standard_normal((500, 256)) * 10.0 ** random.uniform(-46, 38, (500, 1))
    return np.clip(values, -3e38, 3e38).astype(np.float32)


def ties() -> NDArray[np.float32]:
    # 127 makes the unit of Q8_0 one, so that every other weight lies between two levels.
    values = np.random.default_rng(3).integers(-127, 127, (500, 256)) + 0.5
    values[:, ::32] = 127
    return values.astype(np.float32)


@pytest.fixture(params=[True, False], ids=["fastest", "without numba"])
def _with_or_without_kernels(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not request.param:
        monkeypatch.setattr(compiled, "kernel_for", lambda _type, waits: None)


@pytest.mark.usefixtures("_with_or_without_kernels")
@pytest.mark.parametrize("type_", CONVERTED, ids=lambda type_: type_.name)
@pytest.mark.parametrize("kind", [any_finite_bits, any_size, ties])
def test_same_bytes_as_the_converter_of_llama_cpp(type_: Type, kind: object) -> None:
    rows = kind()  # type: ignore[operator]

    with np.errstate(all="ignore"):
        expected = quants.quantize(rows, type_).view(np.uint8)
    assert np.array_equal(quantize_rows(type_, rows), expected)


@pytest.mark.usefixtures("_with_or_without_kernels")
@pytest.mark.parametrize("type_", [Type.F16, Type.BF16, Type.F32])
def test_rows_of_any_length(type_: Type) -> None:
    rows = np.random.default_rng(4).standard_normal((3, 7)).astype(np.float32)

    assert np.array_equal(quantize_rows(type_, rows), quants.quantize(rows, type_).view(np.uint8))


def test_stored_bf16_comes_out_as_through_float32() -> None:
    every = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    as_floats = (every.astype(np.uint32) << 16).view(np.float32)

    assert np.array_equal(keep_bf16(every), quants.quantize(as_floats, Type.BF16))


def test_stored_bf16_without_nan_is_not_copied() -> None:
    stored = np.arange(512, dtype=np.uint16).reshape(2, 256)

    assert np.shares_memory(keep_bf16(stored), stored)
