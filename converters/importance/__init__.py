"""Importance matrices: which columns of a model's weights matter; in memory and as files."""

from converters.importance.matrix import Entry, ImportanceMatrix, combined
from converters.importance.reading import read_importance
from converters.importance.writing import write_importance

__all__ = ["Entry", "ImportanceMatrix", "combined", "read_importance", "write_importance"]
