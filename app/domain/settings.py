"""The keys of what is remembered between two starts."""

MODEL_PATH = "model.path"
"""Path of the model that was chosen last."""
MODEL_FILES = "model.files"
"""Paths of models that were opened from outside the models folder."""
TUNED = "model.tuned"
"""What tuning has found: an object by machine, of objects by model, of settings."""
