"""The keys of what is remembered between two starts."""

MODEL_PATH = "model.path"
"""Path of the model that was chosen last."""
MODEL_FILES = "model.files"
"""Paths of models that were opened from outside the models folder."""
PALETTE_RECENT = "palette.recent"
"""Keys of what was chosen lately in the command palette, the latest first."""
