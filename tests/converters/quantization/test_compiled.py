"""Whether kernels are used: not without numba, and not where their bytes differ from ggml's."""

from __future__ import annotations

import importlib.util
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.quantization import compiled, ggml
from converters.quantization.rows import quantize_rows
from tests.converters.shared_kernels import kernels_folder

Type = GGMLQuantizationType
ROWS = np.random.default_rng(1).standard_normal((3, 512)).astype(np.float32)


@pytest.fixture(autouse=True)
def shared_kernels() -> None:
    """Here the folder of compiled kernels is the test's own."""


@pytest.fixture(autouse=True)
def _asked_for_the_first_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(compiled, "_found", {})
    compiled._has_numba.cache_clear()
    yield
    compiled._has_numba.cache_clear()


def use(monkeypatch: pytest.MonkeyPatch, kernel: Callable[..., None]) -> None:
    monkeypatch.setattr(compiled, "_kernels", lambda _cache: {Type.Q4_K: kernel})


def test_without_numba_ggml_makes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "numba" else find(name)
    )

    assert compiled.kernel_for(Type.Q4_K) is None
    assert np.array_equal(quantize_rows(Type.Q4_K, ROWS), ggml.quantize_rows(Type.Q4_K, ROWS))


def test_the_list_of_types_is_that_of_the_kernels() -> None:
    from converters.quantization.kernels.catalogue import KERNELS

    assert list(KERNELS) == list(compiled.COMPILED)


def test_ggml_quantizes_until_the_kernel_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def right(
        x: NDArray[np.float32],
        importance: NDArray[np.float32],
        out: NDArray[np.uint8],
        odd: NDArray[np.uint8],
    ) -> None:
        odd[:] = 1
        calls.append(x.size)

    calls: list[int] = []
    use(monkeypatch, right)
    expected = ggml.quantize_rows(Type.Q4_K, ROWS)

    assert np.array_equal(quantize_rows(Type.Q4_K, ROWS, waits=False), expected)
    assert calls == []
    assert compiled.kernel_for(Type.Q4_K) is right
    calls.clear()
    assert np.array_equal(quantize_rows(Type.Q4_K, ROWS, waits=False), expected)
    assert calls == [ROWS.size]


def test_types_without_a_kernel_are_ggmls() -> None:
    assert compiled.kernel_for(Type.IQ3_S) is None
    assert np.array_equal(quantize_rows(Type.IQ3_S, ROWS), ggml.quantize_rows(Type.IQ3_S, ROWS))


def test_one_different_byte_and_ggml_makes_the_type(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def nearly_right(
        x: NDArray[np.float32],
        importance: NDArray[np.float32],
        out: NDArray[np.uint8],
        odd: NDArray[np.uint8],
    ) -> None:
        given = importance if importance.size else None
        made = ggml.quantize_rows(Type.Q4_K, x.reshape(-1, 1024), given)
        out[:] = made.reshape(out.shape)
        out[-1, -1] ^= 1
        odd[:] = 0

    use(monkeypatch, nearly_right)

    with caplog.at_level(logging.WARNING):
        made = quantize_rows(Type.Q4_K, ROWS)

    assert np.array_equal(made, ggml.quantize_rows(Type.Q4_K, ROWS))
    assert "Q4_K" in caplog.text
    assert "other bytes" in caplog.text


def test_blocks_that_a_kernel_leaves_are_made_by_ggml(monkeypatch: pytest.MonkeyPatch) -> None:
    def lazy(
        x: NDArray[np.float32],
        importance: NDArray[np.float32],
        out: NDArray[np.uint8],
        odd: NDArray[np.uint8],
    ) -> None:
        odd[:] = 1

    use(monkeypatch, lazy)
    imatrix = np.linspace(0, 1, 512, dtype=np.float32)

    assert compiled.kernel_for(Type.Q4_K) is lazy
    for given in (None, imatrix):
        expected = ggml.quantize_rows(Type.Q4_K, ROWS, given)
        assert np.array_equal(quantize_rows(Type.Q4_K, ROWS, given), expected)


def test_what_cannot_be_compiled_is_said_and_left_to_ggml(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_cache: Path) -> dict[Type, Callable[..., None]]:
        raise ImportError("numba needs another numpy")

    monkeypatch.setattr(compiled, "_kernels", broken)

    with caplog.at_level(logging.WARNING):
        assert compiled.kernel_for(Type.Q4_K) is None
    assert "numba needs another numpy" in caplog.text


def test_the_cache_keeps_the_newest_version_only(data_dir: Path) -> None:
    old = data_dir / "kernels" / "0123"
    old.mkdir(parents=True)

    folder = compiled._cache_folder()

    assert folder.is_dir()
    assert compiled._cache_folder() == folder
    assert list((data_dir / "kernels").iterdir()) == [folder]


def test_a_damaged_cache_is_compiled_anew(
    data_dir: Path, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shutil.copytree(kernels_folder(pytestconfig, tmp_path_factory), data_dir / "kernels")
    # In a process of its own, since this one keeps what it has compiled.
    ask = (
        "from converters.quantization import compiled\n"
        "from gguf import GGMLQuantizationType\n"
        "assert compiled.kernel_for(GGMLQuantizationType.Q8_0) is not None\n"
    )
    subprocess.run([sys.executable, "-c", ask], check=True)
    files = list((data_dir / "kernels").rglob("*.nb?"))
    assert files
    for file in files:
        file.write_bytes(file.read_bytes()[:20])

    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    remaining = list((data_dir / "kernels").rglob("*.nb?"))
    assert remaining
    assert all(file.stat().st_size > 20 for file in remaining)
