"""Short ways to run conversions in tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from converters.convert import convert
from converters.llama import Judge
from converters.making import Event
from converters.options import ConvertOptions, QuantizeOptions
from converters.progress import never_cancelled
from converters.quantize import quantize


def converted(
    source: Path,
    output: Path,
    judge: Judge,
    is_cancelled: Callable[[], bool] = never_cancelled,
    **options: Any,
) -> Event:
    """The last event of a conversion on one thread."""
    wanted = ConvertOptions(source=source, output=output, **{"n_threads": 1, **options})
    return list(convert(wanted, is_cancelled, judge))[-1]


def quantized(source: Path, output: Path, judge: Judge, **options: Any) -> Event:
    """The last event of a quantization on one thread."""
    wanted = QuantizeOptions(source=source, output=output, **{"n_threads": 1, **options})
    return list(quantize(wanted, never_cancelled, judge))[-1]
