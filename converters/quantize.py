"""From a GGUF file to one of another type: the public function `quantize`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

from gguf import GGMLQuantizationType

from converters.errors import ConverterError
from converters.llama import Judge
from converters.making import Event, check_target, make_model
from converters.mixing import Draft, SourceTensor
from converters.options import QuantizeOptions
from converters.progress import Cancelled, IsCancelled, Progress, never_cancelled
from converters.quantization.file_types import file_type_named
from converters.quantization.gguf_source import GgufModel
from converters.waiting import Stopped
from converters.writing.plan import TensorShape


def quantize(
    options: QuantizeOptions,
    is_cancelled: IsCancelled = never_cancelled,
    judge: Judge | None = None,
) -> Iterator[Event]:
    """Write a model in another type.

    Args:
        options: What is to be made.
        is_cancelled: Asked about every tenth of a second.
        judge: llama.cpp, which the caller closes; one is made where none is given.

    Yields:
        Progress, and at the end Converted, Planned (for a dry run) or Cancelled.

    Raises:
        ConverterError: It cannot be done; nothing stands under a final name.
        ModelError: The source is not a whole GGUF file.
    """
    yield Progress("preparing")
    file_type = file_type_named(options.type)
    model = GgufModel(options.source)
    try:
        stem = options.source.name.removesuffix(".gguf")
        is_folder = options.output.is_dir()
        name = f"{stem}-{options.type.upper()}.gguf"
        target = options.output / name if is_folder else options.output
        check_target(target, options)
        _check_not_itself(model, target.name, target.resolve() == options.source.resolve())
        tensors = [
            SourceTensor(TensorShape(name, source.shape, _type(source.packed_type)), source)
            for name, source in model.tensors.items()
        ]
        n_layers = model.header.arch_number("block_count")
        draft = Draft(model.metadata, tensors, file_type, False, model.identity, n_layers)
        with nullcontext(judge) if judge else Judge() as asked:
            yield from make_model(draft, target, options, asked, is_cancelled)
    except Stopped:
        yield Cancelled()
    finally:
        model.close()


def _type(stored: GGMLQuantizationType | None) -> GGMLQuantizationType:
    assert stored is not None
    return stored


def _check_not_itself(model: GgufModel, name: str, is_same: bool) -> None:
    if is_same:
        raise ConverterError(
            "A model cannot be written over itself",
            f"{model.header.path} is both source and result.",
            f"Choose another name than {name}.",
        )
