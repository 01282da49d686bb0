"""What a model file says about itself, without loading it."""

from converters.inspection.inspected import Inspected, TensorLine
from converters.inspection.reading import inspect

__all__ = ["Inspected", "TensorLine", "inspect"]
