"""Perplexity and divergence of predictions, with their uncertainties.

Source of the definitions: tools/perplexity/perplexity.cpp of llama.cpp, as of llama-cpp-python
0.3.36. Natural logarithms; probabilities between 0 and 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from converters.measurement.values import Divergence, Estimate, Quality

Floats = NDArray[np.float64]

LEAST_PROBABLE = -16.0
"""Tokens less likely than exp of this in the reference do not count in the KL divergence."""


@dataclass(frozen=True, slots=True)
class ChunkFigures:
    """What one piece of text gave, one value for each prediction; shape (n,) each.

    Without a reference only `nll` is filled.
    """

    nll: Floats
    reference_nll: Floats | None = None
    kl: Floats | None = None
    same_top: NDArray[np.bool_] | None = None


def log_probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """log softmax over the last axis; shape (n, n_vocab)."""
    shifted: NDArray[np.float32] = logits - logits.max(axis=-1, keepdims=True)
    total = np.exp(shifted).sum(axis=-1, dtype=np.float64, keepdims=True)
    shifted -= np.log(total).astype(np.float32)
    return shifted


def figures(log_p: NDArray[np.float32], targets: NDArray[np.int32]) -> ChunkFigures:
    """The figures of one model alone.

    Args:
        log_p: Log-probabilities, shape (n, n_vocab).
        targets: The tokens that came, shape (n,).
    """
    return ChunkFigures(_nll(log_p, targets))


def compared(
    log_p: NDArray[np.float32], reference: NDArray[np.float32], targets: NDArray[np.int32]
) -> ChunkFigures:
    """The figures against a reference's log-probabilities of the same shape."""
    counts = np.where(reference > LEAST_PROBABLE, np.exp(reference), np.float32(0))
    kl = np.einsum("ij,ij->i", counts, reference - log_p, dtype=np.float64)
    same_top = log_p.argmax(axis=-1) == reference.argmax(axis=-1)
    return ChunkFigures(_nll(log_p, targets), _nll(reference, targets), kl, same_top)


def quality_of(chunks: Sequence[ChunkFigures]) -> Quality:
    """Perplexity over all chunks."""
    nll = np.concatenate([chunk.nll for chunk in chunks])
    return Quality(len(nll), _perplexity(nll))


def divergence_of(chunks: Sequence[ChunkFigures]) -> Divergence:
    """Divergence over all chunks, each of which was compared."""
    nll = np.concatenate([chunk.nll for chunk in chunks])
    reference = np.concatenate([_given(chunk.reference_nll) for chunk in chunks])
    kl = np.concatenate([_given(chunk.kl) for chunk in chunks])
    same = np.concatenate([chunk.same_top for chunk in chunks if chunk.same_top is not None])
    change = np.exp(-nll) - np.exp(-reference)
    rms_square = _mean(change**2)
    rms = math.sqrt(rms_square.value)
    share = float(same.mean())
    return Divergence(
        reference_perplexity=_perplexity(reference),
        log_perplexity_ratio=_mean(nll - reference),
        kl_mean=_mean(kl),
        kl_median=float(np.median(kl)),
        kl_99=float(np.quantile(kl, 0.99)),
        kl_99_9=float(np.quantile(kl, 0.999)),
        kl_max=float(kl.max()),
        same_top=Estimate(share, _standard_error(share * (1 - share), len(same))),
        rms_change=Estimate(rms, 0.5 / rms * rms_square.uncertainty if rms else 0.0),
    )


def _given(values: Floats | None) -> Floats:
    assert values is not None  # the chunk was compared
    return values


def _nll(log_p: NDArray[np.float32], targets: NDArray[np.int32]) -> Floats:
    likelihood: Floats = log_p[np.arange(len(targets)), targets].astype(np.float64)
    return -likelihood


def _perplexity(nll: Floats) -> Estimate:
    mean = _mean(nll)
    value = math.exp(mean.value)
    return Estimate(value, value * mean.uncertainty)


def _mean(values: Floats) -> Estimate:
    return Estimate(float(values.mean()), _standard_error(float(values.var()), len(values)))


def _standard_error(variance: float, n: int) -> float:
    return math.sqrt(variance / (n - 1)) if n > 1 else 0.0
