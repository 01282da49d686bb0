"""From the forms in which checkpoints store numbers to float32, or exactly to a ggml type."""

from converters.numbers.forms import read_sources
from converters.numbers.mxfp4 import Mxfp4
from converters.numbers.plain import Plain

__all__ = ["Mxfp4", "Plain", "read_sources"]
