"""Importance matrices: which columns of a model's weights matter for a text."""

from converters.calibration.calibrating import (
    Calibrated,
    CalibrateOptions,
    CalibrateProgress,
    calibrate,
)
from converters.calibration.importance import ImportanceMatrix, combined, read_importance

__all__ = [
    "CalibrateOptions",
    "CalibrateProgress",
    "Calibrated",
    "ImportanceMatrix",
    "calibrate",
    "combined",
    "read_importance",
]
