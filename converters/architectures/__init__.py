"""One file for each family of architectures; found by what `config.json` says."""

from converters.architectures.base import Architecture
from converters.architectures.registry import architecture_of

__all__ = ["Architecture", "architecture_of"]
