"""Every error of the converters that a person can meet."""

from inference.errors import ReportedError


class ConverterError(ReportedError):
    """Base of the converters' errors."""


class QuantizationError(ConverterError):
    """Base of the errors of quantization."""


class QuantizerMissing(QuantizationError):
    """The library that quantizes, which comes with llama.cpp, is not there or cannot be loaded."""


class NotQuantizable(QuantizationError):
    """Weights cannot be stored in this type at all."""


class RowLengthUnfit(QuantizationError):
    """The rows are no whole number of the type's blocks."""


class ImatrixNeeded(QuantizationError):
    """The type cannot be made without an importance matrix."""


class WeightsNotFinite(QuantizationError):
    """NaN or infinity among weights or importances, where the type cannot hold them."""
