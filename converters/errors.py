"""Every error of the converters that a person can meet."""

from inference.errors import ReportedError


class ConverterError(ReportedError):
    """Base of the converters' errors."""


class CheckpointError(ConverterError):
    """The checkpoint cannot be converted as it is."""


class NotACheckpoint(CheckpointError):
    """The path holds no configuration or no weights in safetensors files."""


class PickledCheckpoint(CheckpointError):
    """The weights are pickled, which is a program and not data."""


class DamagedCheckpoint(CheckpointError):
    """A file of the checkpoint contradicts itself, its index or its configuration."""


class SourceChanged(CheckpointError):
    """A source file was changed, cut off or removed while it was read."""


class UnsupportedArchitecture(CheckpointError):
    """There is no description of the checkpoint's architecture; `hint` has the nearest known."""


class UnsupportedNumbers(CheckpointError):
    """The weights are stored in a form that cannot be read."""


class WrongTensors(CheckpointError):
    """Tensors are missing, unknown or of a wrong shape; `detail` lists all of them."""


class BadWeights(CheckpointError):
    """Weights are not finite numbers, or do not fit into the type asked for."""


class BadMetadata(ConverterError):
    """The model card or the file of metadata cannot be used."""


class BadType(ConverterError):
    """There is no such type, or it needs an importance matrix that was not given."""


class BadImportanceMatrix(ConverterError):
    """The importance matrix cannot be read, or belongs to another model."""


class AlreadyQuantized(ConverterError):
    """The model's weights are quantized already."""


class OutputExists(ConverterError):
    """There is a file of this name already."""


class OutputInUse(ConverterError):
    """Another process writes this file."""


class OutputFailed(ConverterError):
    """The result cannot be written; `detail` has the system's words."""


class OutputDamaged(ConverterError):
    """What was read back from the disk is not what was written."""


class NativeCheckFailed(ConverterError):
    """llama.cpp refuses the model; `detail` has its own words."""


class ConverterDied(ConverterError):
    """The converters' process ended before its work did."""


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


class MeasuringError(ConverterError):
    """Base of the errors of measuring."""


class TextTooShort(MeasuringError):
    """The text has fewer tokens than one piece of it needs."""


class TextUnreadable(MeasuringError):
    """The file is not there, or is not text."""


class VocabulariesDiffer(MeasuringError):
    """Two models that are compared do not predict the same tokens."""


class DiskTooSmall(MeasuringError):
    """What has to be kept on the way does not fit on the disk."""
