"""Calibration: a model reads a text, and what reaches its weights is added up."""
