from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import gguf
import psutil
import pytest

from app.services.model_fit import fit_of
from tests.inference.tiny_models import write_tiny_model


def test_what_a_model_takes_and_whether_that_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tiny_model(tmp_path / "tiny.gguf", "llama")
    weights = sum(int(tensor.n_bytes) for tensor in gguf.GGUFReader(path).tensors)
    # Two caches of 8,192 tokens, 2 heads of 32 numbers, 2 bytes each, in 4 layers.
    cache = 2 * 8192 * 2 * 32 * 2 * 4
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1 << 30))
    found = fit_of(path)

    assert found.free_bytes == 1 << 30
    assert weights + cache < found.needed_bytes < 1 << 30
    assert found.fits
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=weights))
    assert not fit_of(path).fits


def test_a_file_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    assert fit_of(tmp_path / "none.gguf").problem == "The model file cannot be opened"
    path = tmp_path / "zero.gguf"
    path.write_bytes(bytes(100))
    assert fit_of(path).problem == "This is not a GGUF model"
    assert not fit_of(path).fits
