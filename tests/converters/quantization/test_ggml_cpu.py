"""16-bit floats made by vector instructions are those that ggml and numpy make one by one."""

from __future__ import annotations

import numpy as np
import pytest
from gguf import GGMLQuantizationType

from converters.quantization import ggml, ggml_cpu


@pytest.fixture(params=["vectors", "one by one"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "one by one":
        monkeypatch.setattr(ggml_cpu, "_functions", lambda: None)
    else:
        assert ggml_cpu._functions() is not None


@pytest.mark.usefixtures("_way")
def test_any_bits_of_float32_give_ggmls_halves() -> None:
    bits = np.random.default_rng(1).integers(0, 1 << 32, (301, 997), dtype=np.uint32)
    bits[:, 0] = [0x7F800000, 0xFF800000, 0x7FC00001, 0xFF923456, *([0x80000000] * 297)]
    rows = bits.view(np.float32)
    out = np.empty((301, 2 * 997), np.uint8)

    for part in (rows, np.where(np.isfinite(rows) & (abs(rows) < 65000), rows, np.float32(0))):
        ggml_cpu.quantize_f16(part, out)
        expected = ggml.quantize_rows(GGMLQuantizationType.F16, part)
        assert np.array_equal(out, expected)


@pytest.mark.usefixtures("_way")
def test_every_finite_half_has_its_value() -> None:
    halves = np.arange(1 << 16, dtype=np.uint16)
    halves = halves[halves & 0x7C00 != 0x7C00].reshape(2, -1)

    found = ggml_cpu.floats_of_halves(halves)

    expected = halves.view(np.float16).astype(np.float32)
    assert np.array_equal(found.view(np.uint32), expected.view(np.uint32))
