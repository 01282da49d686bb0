from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converters.measurement.statistics import (
    ChunkFigures,
    compared,
    divergence_of,
    figures,
    log_probabilities,
    quality_of,
)


def probabilities(*rows: list[float]) -> np.ndarray:
    return np.log(np.array(rows, np.float32))


def test_an_even_guess_among_four_has_a_perplexity_of_four() -> None:
    log_p = probabilities(*[[0.25] * 4] * 10)

    quality = quality_of([figures(log_p, np.zeros(10, np.int32))])

    assert quality.n_tokens == 10
    assert quality.perplexity.value == pytest.approx(4, rel=1e-6)
    assert quality.perplexity.uncertainty == pytest.approx(0, abs=1e-6)


def test_perplexity_and_its_uncertainty_over_two_chunks() -> None:
    # By hand: likelihoods 1/2 and 1/8 give ln 2 and 3 ln 2, a mean of 2 ln 2 and a variance of
    # (ln 2)^2; the standard error of a mean of two is its root over 1.
    one = ChunkFigures(np.array([math.log(2)]))
    other = ChunkFigures(np.array([3 * math.log(2)]))

    perplexity = quality_of([one, other]).perplexity

    assert perplexity.value == pytest.approx(4)
    assert perplexity.uncertainty == pytest.approx(4 * math.log(2))


def test_divergence_of_two_coins() -> None:
    # By hand: KL(1/2,1/2 || 1/4,3/4) = 1/2 ln 2 + 1/2 ln(2/3).
    expected = 0.5 * math.log(2) + 0.5 * math.log(2 / 3)
    reference = probabilities(*[[0.5, 0.5]] * 4)
    model = probabilities(*[[0.25, 0.75]] * 4)

    found = divergence_of([compared(model, reference, np.array([0, 0, 1, 1]))])

    assert found.kl_mean.value == pytest.approx(expected, rel=1e-5)
    assert found.kl_median == pytest.approx(expected, rel=1e-5)
    assert found.kl_mean.uncertainty == pytest.approx(0, abs=1e-7)
    assert found.rms_change.value == pytest.approx(0.25, rel=1e-6)
    assert found.reference_perplexity.value == pytest.approx(2, rel=1e-6)
    assert found.log_perplexity_ratio.value == pytest.approx(
        (math.log(2) + math.log(2 / 3)) / 2, rel=1e-5
    )


def test_share_of_same_likeliest_tokens() -> None:
    reference = probabilities([0.7, 0.3], [0.7, 0.3], [0.7, 0.3], [0.7, 0.3])
    model = probabilities([0.6, 0.4], [0.9, 0.1], [0.8, 0.2], [0.4, 0.6])

    same = divergence_of([compared(model, reference, np.zeros(4, np.int32))]).same_top

    assert same.value == 0.75
    assert same.uncertainty == pytest.approx(math.sqrt(0.75 * 0.25 / 3))


def test_percentiles_lie_between_the_values() -> None:
    # 101 values from 0 to 1: the 99th percentile is 0.99, the 99.9th is 0.999.
    kl = np.linspace(0, 1, 101)
    nll = np.ones(101)
    chunk = ChunkFigures(nll, nll, kl, np.ones(101, np.bool_))

    found = divergence_of([chunk])

    assert found.kl_median == pytest.approx(0.5)
    assert found.kl_99 == pytest.approx(0.99)
    assert found.kl_99_9 == pytest.approx(0.999)
    assert found.kl_max == 1
    assert found.kl_mean.value == pytest.approx(0.5)


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=2, max_size=50))
def test_probabilities_add_up_to_one(logits: list[float]) -> None:
    log_p = log_probabilities(np.array([logits], np.float32))

    assert np.isfinite(log_p).all()
    assert np.exp(log_p.astype(np.float64)).sum() == pytest.approx(1, abs=1e-5)
