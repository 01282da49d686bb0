"""Importance matrices: which columns of a model's weights matter for a text."""

from converters.calibration.calibrating import (
    Calibrated,
    CalibrateOptions,
    CalibrateProgress,
    calibrate,
)

__all__ = [
    "CalibrateOptions",
    "CalibrateProgress",
    "Calibrated",
    "calibrate",
]
