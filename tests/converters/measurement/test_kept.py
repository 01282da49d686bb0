from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from converters.errors import DiskTooSmall
from converters.measurement.kept import RANGE, STEPS, KeptPredictions
from converters.measurement.statistics import log_probabilities


def predictions(seed: int, n_vocab: int = 1001) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return log_probabilities(5 * chance.standard_normal((7, n_vocab), np.float32))


def test_what_was_kept_comes_back_in_order(tmp_path: Path) -> None:
    kept = KeptPredictions(2, 7, 1001, tmp_path)
    chunks = [predictions(0), predictions(1)]
    for chunk in chunks:
        kept.append(chunk)

    for _ in range(2):
        kept.rewind()
        for chunk in chunks:
            back = kept.next()
            likely = chunk > chunk.max(axis=-1, keepdims=True) - RANGE
            assert np.abs(back - chunk)[likely].max() < RANGE / STEPS
            assert (back.argmax(axis=-1) == chunk.argmax(axis=-1)).all()
    kept.close()

    assert not list(tmp_path.iterdir())


def test_even_predictions_have_no_range(tmp_path: Path) -> None:
    even = np.full((1, 8), np.log(1 / 8), np.float32)
    kept = KeptPredictions(1, 1, 8, tmp_path)
    kept.append(even)
    kept.rewind()

    assert (kept.next() == even).all()
    kept.close()


def test_a_full_disk_is_said_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path)._replace(free=2 << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)

    with pytest.raises(DiskTooSmall) as caught:
        KeptPredictions(1000, 255, 150_000, tmp_path)

    # 1,000 * 255 positions of 150,000 values with 2 bytes and 8 bytes each.
    assert "76.5 GB are needed" in caught.value.detail
    assert "2.1 GB are free" in caught.value.detail
