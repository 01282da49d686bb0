"""How good a model's predictions are, by themselves and against those of a reference."""

from converters.measurement.measuring import Measured, MeasureOptions, measure
from converters.measurement.statistics import Divergence, Estimate, Quality

__all__ = ["Divergence", "Estimate", "MeasureOptions", "Measured", "Quality", "measure"]
