"""What can be asked of a measurement, and what it tells; loads no model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MeasureOptions:
    """What is measured, and on what.

    Args:
        models: GGUF files, one after the other.
        text: A text file in UTF-8, such as wiki.test.raw.
        reference: The model whose predictions the others are held against, mostly at 16 bits.
        n_ctx: Tokens of each piece; predictions of its second half count.
        n_chunks: How many pieces; 0: the whole text.
        n_threads: 0: as many as the engine takes.
        n_gpu_layers: -1: all that fit.
        scratch: Folder for what does not fit into memory.
    """

    models: tuple[Path, ...]
    text: Path
    reference: Path | None = None
    n_ctx: int = 512
    n_chunks: int = 0
    n_threads: int = 0
    n_gpu_layers: int = -1
    scratch: Path | None = None


@dataclass(frozen=True, slots=True)
class MeasureProgress:
    """`done` of `total` pieces of `n_tokens` were read; `perplexity` of `model` is that so far."""

    model: str
    done: int
    total: int
    n_tokens: int
    perplexity: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its standard error."""

    value: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How well one model predicts a text.

    Args:
        n_tokens: Predictions that were counted.
        perplexity: exp of the mean negative log-likelihood.
    """

    n_tokens: int
    perplexity: Estimate


@dataclass(frozen=True, slots=True)
class Divergence:
    """How far a model's predictions are from the reference's.

    Args:
        reference_perplexity: The reference's on the same tokens.
        log_perplexity_ratio: ln(perplexity / reference's).
        kl_mean: Mean Kullback-Leibler divergence, in nats.
        kl_median: Its median.
        kl_99: Its 99th percentile.
        kl_99_9: Its 99.9th percentile.
        kl_max: The largest.
        same_top: Share of predictions whose likeliest token is the same.
        rms_change: Root mean square of the change of the right token's probability.
    """

    reference_perplexity: Estimate
    log_perplexity_ratio: Estimate
    kl_mean: Estimate
    kl_median: float
    kl_99: float
    kl_99_9: float
    kl_max: float
    same_top: Estimate
    rms_change: Estimate


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one model; `divergence` where there is a reference. Size in bytes."""

    path: Path
    size_bytes: int
    n_params: int
    quality: Quality
    divergence: Divergence | None

    @property
    def bits_per_weight(self) -> float:
        """Size of the weights by their number."""
        return self.size_bytes * 8 / self.n_params if self.n_params else 0.0
