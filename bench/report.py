"""One line of figures: the median, and how far the repetitions spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with its unit, over all repetitions."""

    name: str
    values: Sequence[float]
    unit: str = ""
    digits: int = 1

    @property
    def median(self) -> float:
        """The figure itself."""
        return median(self.values)

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        spread = f"{low:.{self.digits}f} to {high:.{self.digits}f}"
        return f"{self.name:52} {self.median:9.{self.digits}f} {self.unit:9} ({spread})"
