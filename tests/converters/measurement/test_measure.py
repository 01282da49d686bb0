"""Figures of whole models, held against those of llama.cpp's own llama-perplexity.

The expected figures came from, with the models of the fixtures and llama.cpp as of
llama-cpp-python 0.3.36:

    llama-perplexity -m reference.gguf -f text.txt -c 128 -b 128 -ub 128 -t 1 \
        --kl-divergence-base base.kld
    llama-perplexity -m model.gguf -c 128 -b 128 -ub 128 -t 1 \
        --kl-divergence --kl-divergence-base base.kld
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gguf
import pytest

from converters.errors import TextTooShort, VocabulariesDiffer
from converters.measurement import report
from converters.measurement.measuring import measure
from converters.measurement.values import Measured, MeasureOptions, MeasureProgress
from converters.progress import Cancelled
from inference.errors import ModelError
from tests.inference.tiny_models import write_tiny_model

TEXT = Path(__file__).with_name("text.txt")
N_CTX = 128
N_PIECES = 10
N_PREDICTIONS = N_PIECES * 63
"""Positions 65 to 127 of each piece."""

# Value and uncertainty, as llama-perplexity prints them.
PPL = 593.031355, 19.052463
PPL_BASE = 602.971177, 19.762097
LOG_RATIO = -0.016622, 0.009139
KL_MEAN = 0.036640, 0.000403
KL_MEDIAN, KL_99, KL_99_9, KL_MAX = 0.034209, 0.066320, 0.070706, 0.072285
SAME_TOP = 0.47143, 0.01990
RMS = 0.00057, 0.00003


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "reference.gguf", "qwen3moe")


@pytest.fixture(scope="module")
def quantized(reference: Path) -> Path:
    kind = gguf.GGMLQuantizationType.Q4_0
    return write_tiny_model(reference.with_name("model.gguf"), "qwen3moe", kind)


def options(*models: Path, reference: Path | None = None) -> MeasureOptions:
    return MeasureOptions(models, TEXT, reference, n_ctx=N_CTX, n_threads=1)


def results(options: MeasureOptions) -> list[Measured]:
    return [event for event in measure(options) if isinstance(event, Measured)]


def check_against_llama_perplexity(measured: Measured) -> None:
    found = measured.divergence
    assert found is not None
    assert measured.quality.n_tokens == N_PREDICTIONS
    assert measured.quality.perplexity.value == pytest.approx(PPL[0], rel=2e-3)
    assert measured.quality.perplexity.uncertainty == pytest.approx(PPL[1], rel=5e-3)
    assert found.reference_perplexity.value == pytest.approx(PPL_BASE[0], rel=2e-3)
    assert found.reference_perplexity.uncertainty == pytest.approx(PPL_BASE[1], rel=5e-3)
    assert found.log_perplexity_ratio.value == pytest.approx(LOG_RATIO[0], rel=5e-2)
    assert found.log_perplexity_ratio.uncertainty == pytest.approx(LOG_RATIO[1], rel=2e-2)
    assert found.kl_mean.value == pytest.approx(KL_MEAN[0], rel=1e-2)
    assert found.kl_mean.uncertainty == pytest.approx(KL_MEAN[1], rel=2e-2)
    assert found.kl_median == pytest.approx(KL_MEDIAN, rel=1e-2)
    assert found.kl_99 == pytest.approx(KL_99, rel=2e-2)
    assert found.kl_99_9 == pytest.approx(KL_99_9, rel=2e-2)
    assert found.kl_max == pytest.approx(KL_MAX, rel=2e-2)
    assert found.same_top.value == pytest.approx(SAME_TOP[0], abs=0.02)
    assert found.same_top.uncertainty == pytest.approx(SAME_TOP[1], abs=0.001)
    assert found.rms_change.value == pytest.approx(RMS[0], abs=2e-5)


def test_figures_are_llama_perplexitys(reference: Path, quantized: Path) -> None:
    (measured,) = results(options(quantized, reference=reference))

    check_against_llama_perplexity(measured)
    assert 4 < measured.bits_per_weight < 5.5


def test_a_reference_that_does_not_fit_beside_the_model_gives_the_same(
    reference: Path, quantized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("converters.measurement.measuring.MEMORY_SHARE", 0.0)

    events = list(measure(replace(options(quantized, reference=reference), scratch=tmp_path)))

    progress = [event.model for event in events if isinstance(event, MeasureProgress)]
    assert progress == ["reference.gguf"] * N_PIECES + ["model.gguf"] * N_PIECES
    check_against_llama_perplexity(next(e for e in events if isinstance(e, Measured)))
    assert not list(tmp_path.iterdir())


def test_a_model_against_itself_and_the_picture_of_several(
    reference: Path, quantized: Path, tmp_path: Path
) -> None:
    short = replace(options(reference, quantized, reference=reference), n_chunks=2)
    found = results(short)
    report.plot(found, tmp_path / "quality.png")

    divergence = found[0].divergence
    assert divergence is not None
    assert divergence.kl_max == 0
    assert divergence.same_top.value == 1
    assert (tmp_path / "quality.png").read_bytes().startswith(b"\x89PNG")
    assert len(report.row(found[1])) == len(report.columns(compared=True))


def test_without_a_reference(reference: Path) -> None:
    (measured,) = results(options(reference))

    assert measured.divergence is None
    assert measured.quality.perplexity.value == pytest.approx(PPL_BASE[0], rel=2e-3)
    assert len(report.row(measured)) == len(report.columns(compared=False))


def test_it_can_be_cancelled(reference: Path) -> None:
    events = []
    for event in measure(options(reference), lambda: len(events) >= 3):
        events.append(event)

    assert isinstance(events[-1], Cancelled)
    assert len(events) == 4


def test_a_text_that_is_too_short(reference: Path, tmp_path: Path) -> None:
    text = tmp_path / "short.txt"
    text.write_text("hello")

    with pytest.raises(TextTooShort):
        results(replace(options(reference), text=text))


def test_a_file_that_is_no_model_is_named_before_anything_is_read(
    reference: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"nothing")

    with pytest.raises(ModelError) as caught:
        next(iter(measure(options(reference, wrong))))

    assert "wrong.gguf" in caught.value.detail


def test_different_vocabularies_are_refused(reference: Path, starter_model: Path) -> None:
    with pytest.raises(VocabulariesDiffer) as caught:
        results(options(starter_model, reference=reference))

    assert "49,152 tokens" in caught.value.detail
    assert "reference.gguf has 512" in caught.value.detail
