"""One line of figures: the median, how far the repetitions spread, and what it is held to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with its unit, over all repetitions.

    Args:
        at_most: What the median may not exceed.
        at_least: What it must reach.
    """

    name: str
    values: Sequence[float]
    unit: str = ""
    digits: int = 1
    at_most: float | None = None
    at_least: float | None = None

    @property
    def median(self) -> float:
        """The figure itself."""
        return median(self.values)

    @property
    def is_held(self) -> bool:
        """Whether the median keeps its limits."""
        above = self.at_most is not None and self.median > self.at_most
        below = self.at_least is not None and self.median < self.at_least
        return not (above or below)

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        spread = f"({low:.{self.digits}f} to {high:.{self.digits}f})"
        figures = f"{self.name:52} {self.median:9.{self.digits}f} {self.unit:9} {spread}"
        if self.at_most is None and self.at_least is None:
            return figures
        return f"{figures:96} {self._limit:15} {'held' if self.is_held else 'MISSED'}"

    @property
    def _limit(self) -> str:
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return f"at least {self.at_least:g}"
