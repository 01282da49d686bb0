"""Measuring with the real engine; how fast it is does not matter here."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.engine import (
    BenchPoint,
    BenchRequest,
    Finished,
    FinishReason,
    LoadProgress,
    ModelParams,
)
from inference.errors import ContextTooShort
from inference.host import EngineHost
from tests.inference.tiny_models import write_tiny_model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny.gguf", "llama")


def request(model: Path, *depths: int, n_ctx: int = 512) -> BenchRequest:
    return BenchRequest(
        "1",
        ModelParams(model, n_ctx, n_threads=1),
        depths,
        n_prompt=16,
        n_generate=4,
        repetitions=2,
    )


def test_each_depth_is_measured_as_often_as_asked(engine_host: EngineHost, tiny: Path) -> None:
    events = engine_host.run(request(tiny, 0, 96))
    points = [event for event in events if isinstance(event, BenchPoint)]

    assert [point.depth for point in points] == [0, 96]
    for point in points:
        assert (len(point.prefill_ns), len(point.decode_ns)) == (2, 2)
        assert min(point.prefill_ns + point.decode_ns) > 10_000


def test_a_context_that_is_too_short_is_told_with_the_numbers(
    engine_host: EngineHost, tiny: Path
) -> None:
    with pytest.raises(ContextTooShort, match="516"):
        list(engine_host.run(request(tiny, 500)))


def test_a_measurement_can_be_cancelled(engine_host: EngineHost, tiny: Path) -> None:
    long = BenchRequest("1", ModelParams(tiny, 8192, n_threads=1), (0,), 4096, 2000, 50)
    events = engine_host.run(long)
    next(event for event in events if isinstance(event, LoadProgress))
    engine_host.cancel("1")

    *_, last = events
    assert isinstance(last, Finished)
    assert last.reason is FinishReason.CANCELLED
