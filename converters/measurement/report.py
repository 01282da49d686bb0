"""What measuring gives to people and programs: lines of a table, JSON, a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from converters.measurement.values import Measured
from converters.replacing import replacing

OWN_COLUMNS = ("model", "size", "bits/weight", "perplexity")
COMPARED_COLUMNS = (
    "KL mean",
    "KL median",
    "KL 99 %",
    "KL 99.9 %",
    "same top token",
    "RMS change",
)


def columns(*, compared: bool) -> tuple[str, ...]:
    """The heads of the table, with or without a reference."""
    return OWN_COLUMNS + (COMPARED_COLUMNS if compared else ())


def row(measured: Measured) -> tuple[str, ...]:
    """One line of the table."""
    perplexity = measured.quality.perplexity
    own = (
        measured.path.name,
        f"{measured.size_bytes / 1e9:.2f} GB",
        f"{measured.bits_per_weight:.2f}",
        f"{perplexity.value:.4f} ± {perplexity.uncertainty:.4f}",
    )
    found = measured.divergence
    if found is None:
        return own
    return (
        *own,
        f"{found.kl_mean.value:.5f} ± {found.kl_mean.uncertainty:.5f}",
        f"{found.kl_median:.5f}",
        f"{found.kl_99:.5f}",
        f"{found.kl_99_9:.5f}",
        f"{100 * found.same_top.value:.2f} ± {100 * found.same_top.uncertainty:.2f} %",
        f"{100 * found.rms_change.value:.2f} ± {100 * found.rms_change.uncertainty:.2f} %",
    )


def as_json(results: Sequence[Measured]) -> str:
    """All figures; probabilities between 0 and 1, divergence in nats."""
    return json.dumps([_plain(measured) for measured in results], indent=2)


def _plain(measured: Measured) -> dict[str, Any]:
    return {
        **asdict(measured),
        "path": str(measured.path),
        "bits_per_weight": measured.bits_per_weight,
    }


def plot(results: Sequence[Measured], target: Path) -> None:
    """Draw quality against size as PNG: divergence where there is a reference, else perplexity.

    Raises:
        OutputFailed: The picture cannot be written.
    """
    from matplotlib.figure import Figure  # it takes a moment, and most calls draw nothing

    compared = all(measured.divergence is not None for measured in results)
    figure = Figure(figsize=(8, 5), dpi=150, layout="constrained")
    axes = figure.add_subplot()
    for measured in results:
        estimate = measured.quality.perplexity
        if compared and measured.divergence is not None:
            estimate = measured.divergence.kl_mean
        gigabytes = measured.size_bytes / 1e9
        axes.errorbar(gigabytes, estimate.value, estimate.uncertainty, fmt="o", capsize=3)
        axes.annotate(
            measured.path.stem,
            (gigabytes, estimate.value),
            xytext=(6, 6),
            textcoords="offset points",
            fontsize=8,
            parse_math=False,  # a file's name may have dollars in it
        )
    axes.margins(x=0.25, y=0.15)
    axes.set_xlabel("size (GB)")
    axes.set_ylabel("mean KL divergence (nats)" if compared else "perplexity")
    axes.grid(alpha=0.3)
    with replacing(target) as temporary:
        figure.savefig(temporary, format="png")
