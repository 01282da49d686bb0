"""Every error of the converters that a person can meet."""

from inference.errors import ReportedError


class ConverterError(ReportedError):
    """Base of the converters' errors."""


class VocabularyError(ConverterError):
    """The tokenizer of a checkpoint cannot be written into a GGUF file."""


class TokenizerMissing(VocabularyError):
    """The folder has none of the files that a tokenizer is read from."""


class TokenizerUnreadable(VocabularyError):
    """A file of the tokenizer is not what its name says; `detail` has the file and the place."""


class UnknownPreTokenizer(VocabularyError):
    """llama.cpp has no rules that split text as this tokenizer does."""


class VocabularySizeMismatch(VocabularyError):
    """Tokenizer, configuration and embedding disagree about the number of tokens."""


class SpecialTokenMissing(VocabularyError):
    """A token that this family of models needs is not in the vocabulary."""


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
