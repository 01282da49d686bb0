"""From a checkpoint to a GGUF file in one pass: the public function `convert`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path

from gguf import GGML_QUANT_VERSION, GGMLQuantizationType, LlamaFileType

from converters.architectures import Architecture, architecture_of
from converters.architectures.base import reading_config
from converters.checkpoint import Checkpoint
from converters.general import general_keys
from converters.llama import Judge
from converters.making import Event, check_target, make_model
from converters.mixing import Draft, SourceTensor
from converters.numbers import read_sources
from converters.options import ConvertOptions
from converters.progress import Cancelled, IsCancelled, Progress, never_cancelled
from converters.quantization.file_types import AS_CONVERTED, converted_type, file_type_named
from converters.tensors import SourceDtype, TensorSource
from converters.typed_value import uint32
from converters.vocabulary import Vocabulary, read_vocabulary
from converters.waiting import Stopped, awaited
from converters.writing.encoding import encode_all
from converters.writing.plan import TensorShape


def convert(
    options: ConvertOptions,
    is_cancelled: IsCancelled = never_cancelled,
    judge: Judge | None = None,
) -> Iterator[Event]:
    """Convert a checkpoint.

    Args:
        options: What is to be made.
        is_cancelled: Asked about every tenth of a second.
        judge: llama.cpp, which the caller closes; one is made where none is given.

    Yields:
        Progress, and at the end Converted, Planned (for a dry run) or Cancelled.

    Raises:
        ConverterError: It cannot be done; nothing stands under a final name.
    """
    yield Progress("preparing")
    file_type = file_type_named(options.type)
    checkpoint = Checkpoint.open(options.source)
    try:
        with nullcontext(judge) if judge else Judge() as asked:
            asked.start()
            draft, stem = awaited(lambda: _draft(checkpoint, options, file_type), is_cancelled)
            target = _target(options.output, stem, options.type)
            check_target(target, options)
            yield from make_model(draft, target, options, asked, is_cancelled)
    except Stopped:
        yield Cancelled()
    finally:
        checkpoint.close()


def _target(output: Path, stem: str, type_name: str) -> Path:
    """The file itself, or for a folder one with the model's name."""
    return output / f"{stem}-{type_name.upper()}.gguf" if output.is_dir() else output


def _draft(
    checkpoint: Checkpoint, options: ConvertOptions, file_type: LlamaFileType
) -> tuple[Draft, str]:
    """The model and the stem of its file's name."""
    with reading_config():
        sources = read_sources(checkpoint)
        kind = architecture_of(checkpoint.config)
        architecture = kind(kind.configured(checkpoint.config, options.keep_mtp), sources)
    has_wishes = options.tensor_types or options.output_type or options.embedding_type
    is_final = file_type in AS_CONVERTED and not has_wishes and options.imatrix is None
    plain = file_type if is_final else _plain_file_type(sources)
    with reading_config():
        tensors = [
            SourceTensor(
                TensorShape(name, source.shape, _type(architecture, name, source, plain)), source
            )
            for name, source in architecture.tensors()
        ]
        vocabulary = read_vocabulary(
            checkpoint.folder, architecture.config, pre_tokenizer=options.pre_tokenizer or None
        )
    _check_embedding(vocabulary, tensors)
    general = general_keys(
        checkpoint,
        architecture.name,
        [(tensor.shape.name, tensor.shape.shape) for tensor in tensors],
        options.name or None,
        options.metadata,
    )
    with reading_config("config.json or generation_config.json"):
        metadata = encode_all(
            architecture.leading_metadata()
            | general.keys
            | architecture.metadata(_noted_type(plain, tensors))
            | {"general.quantization_version": uint32(GGML_QUANT_VERSION)}
            | vocabulary.metadata()
        )
    identity = repr([(file.path.name, file.identity) for file in checkpoint.files])
    draft = Draft(
        metadata,
        tensors,
        file_type,
        is_final,
        identity,
        architecture.n_layers,
        vocabulary.notes,
    )
    return draft, general.file_stem


def _plain_file_type(sources: Mapping[str, TensorSource]) -> LlamaFileType:
    """The type that loses nothing: that of the first matrix in 16 bits, else F32."""
    for source in sources.values():
        if len(source.shape) > 1 and source.dtype in _PLAIN:
            return _PLAIN[source.dtype]
    is_exact = all(source.dtype is SourceDtype.F32 for source in sources.values())
    return LlamaFileType.ALL_F32 if is_exact else LlamaFileType.MOSTLY_BF16


def _type(
    architecture: Architecture, name: str, source: TensorSource, file_type: LlamaFileType
) -> GGMLQuantizationType:
    if source.must_stay_packed and source.packed_type is not None:
        return source.packed_type
    forced = architecture.forced_type(name, source.shape)
    if forced is not None and len(source.shape) > 1 and not name.endswith("_norm.weight"):
        return forced
    return converted_type(name, source.shape, AS_CONVERTED[file_type])


def _noted_type(file_type: LlamaFileType, tensors: list[SourceTensor]) -> LlamaFileType:
    """`general.file_type`: a file whose experts stay MXFP4 is named after them."""
    is_packed = any(tensor.source.must_stay_packed for tensor in tensors)
    if is_packed and file_type != LlamaFileType.MOSTLY_Q8_0:
        return LlamaFileType.MOSTLY_MXFP4_MOE
    return file_type


def _check_embedding(vocabulary: Vocabulary, tensors: list[SourceTensor]) -> None:
    for tensor in tensors:
        if tensor.shape.name == "token_embd.weight":
            vocabulary.check_embedding(tensor.shape.shape[0])


_PLAIN = {
    SourceDtype.F16: LlamaFileType.MOSTLY_F16,
    SourceDtype.BF16: LlamaFileType.MOSTLY_BF16,
}
