"""Every error of the converters that a person can meet."""

from inference.errors import ReportedError


class ConverterError(ReportedError):
    """Base of the converters' errors."""
