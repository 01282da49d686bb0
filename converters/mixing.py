"""Which type each tensor of a result gets, and in which order tensors and keys then stand.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
src/llama-quant.cpp, for the order)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gguf import GGML_QUANT_VERSION, LlamaFileType

from converters.architectures.base import wrong_tensors
from converters.errors import AlreadyQuantized, BadType, NativeCheckFailed
from converters.gaps import gaps
from converters.llama import Judge, Mix, MixQuestion
from converters.llama.header_file import header_file
from converters.options import QuantizeOptions
from converters.quantization.file_types import tensor_type_named
from converters.quantization.imatrix import Imatrix, check_complete
from converters.tensors import TensorSource
from converters.typed_value import uint32
from converters.writing.encoding import Encoded, encode
from converters.writing.pieces import FLOATS
from converters.writing.plan import TensorShape

_LAYER = re.compile(r"blk\.(\d+)\.")
_VERSION_KEY, _TYPE_KEY = "general.quantization_version", "general.file_type"


@dataclass(frozen=True, slots=True)
class SourceTensor:
    """A tensor before it is quantized; `shape.type` is that of the unquantized file."""

    shape: TensorShape
    source: TensorSource


@dataclass(frozen=True)
class Draft:
    """A model before it is quantized.

    Attributes:
        metadata: Keys and values, in order.
        tensors: In order.
        file_type: What is asked for.
        is_final: Whether types and order stay as they are; else llama.cpp is asked for a mix.
        identity: Tells the sources from all others.
        n_layers: Layers that the model should have.
        notes: What a person should know.
    """

    metadata: Encoded
    tensors: Sequence[SourceTensor]
    file_type: LlamaFileType
    is_final: bool
    identity: str
    n_layers: int
    notes: tuple[str, ...] = ()


def with_final_types(
    draft: Draft, options: QuantizeOptions, imatrix: Imatrix | None, judge: Judge
) -> tuple[Encoded, Sequence[SourceTensor], tuple[str, ...]]:
    """Keys and tensors of the result in their order, with final types; and what to tell.

    Raises:
        NativeCheckFailed, WrongTensors: llama.cpp does not take the model.
        BadType, ImatrixNeeded, AlreadyQuantized: The types asked for cannot be made.
    """
    question = MixQuestion(
        int(draft.file_type),
        _type_number(options.output_type),
        _type_number(options.embedding_type),
        tuple(_tensor_type(text) for text in options.tensor_types),
        imatrix is not None,
    )
    if draft.is_final:
        return draft.metadata, draft.tensors, ()
    shapes = [tensor.shape for tensor in draft.tensors]
    with header_file(draft.metadata, shapes) as path, explained(draft):
        mix = judge.mix(path, question)
    _check_names(shapes, mix)
    tensors = [_quantized(tensor, mix, options) for tensor in _in_order(draft.tensors)]
    types = [(tensor.shape.name, tensor.shape.type) for tensor in tensors]
    check_complete(types, imatrix, draft.file_type)
    return _quantized_keys(draft, imatrix), tensors, mix.fallbacks


def _check_names(shapes: Sequence[TensorShape], mix: Mix) -> None:
    """Make sure that llama.cpp reads the names as they are written: it ends them at a zero."""
    strange = [shape.name for shape in shapes if shape.name not in mix.types]
    if strange:
        raise NativeCheckFailed(
            "llama.cpp does not take this model",
            f"It reads other names of tensors than {', '.join(map(repr, strange[:8]))}.",
            "The file is damaged: download it again.",
        )


@contextmanager
def explained(draft: Draft) -> Iterator[None]:
    """Where llama.cpp refuses a header, tell all tensors that seem wrong.

    Raises:
        WrongTensors: Instead of llama.cpp's words on the first of them.
    """
    try:
        yield
    except NativeCheckFailed as error:
        problems = gaps(
            [(tensor.shape.name, tensor.shape.shape) for tensor in draft.tensors], draft.n_layers
        )
        if not problems:
            raise
        raise wrong_tensors(problems) from error


def _type_number(name: str) -> int | None:
    return int(tensor_type_named(name)) if name else None


def _tensor_type(text: str) -> tuple[str, int]:
    pattern, separator, name = text.rpartition("=")
    if not separator or not pattern:
        raise BadType(
            "A tensor type is not understood",
            f"{text!r} has no pattern before a type.",
            "Write a regular expression and a type, such as 'ffn_down=Q6_K'.",
        )
    try:
        re.compile(pattern)
    except re.error as error:
        raise BadType(
            "A tensor type is not understood",
            f"{pattern!r} is no regular expression: {error}.",
            "Write a regular expression and a type, such as 'ffn_down=Q6_K'.",
        ) from error
    return pattern.lower(), int(tensor_type_named(name))


def _in_order(tensors: Sequence[SourceTensor]) -> list[SourceTensor]:
    """By layer, then by name, as llama.cpp keeps them."""

    def place(tensor: SourceTensor) -> tuple[int, bytes]:
        found = _LAYER.match(tensor.shape.name)
        return int(found[1]) if found else -1, tensor.shape.name.encode()

    return sorted(tensors, key=place)


def _quantized(tensor: SourceTensor, mix: Mix, options: QuantizeOptions) -> SourceTensor:
    shape, stored = tensor.shape, tensor.source.packed_type
    type_ = shape.type if tensor.source.must_stay_packed else mix.types[shape.name]
    is_quantized = stored is not None and stored not in FLOATS
    if is_quantized and stored != type_ and not options.allow_requantize:
        raise AlreadyQuantized(
            "The model is quantized already",
            f"{shape.name} is of type {stored.name if stored else ''}; {type_.name} was asked for.",
            "Begin with an F32, F16 or BF16 version; --allow-requantize does it all the same, and "
            "loses more quality than one step would.",
        )
    return SourceTensor(TensorShape(shape.name, _without_ones(shape.shape), type_), tensor.source)


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape as ggml writes it: axes of one before the others are not counted."""
    while len(shape) > 1 and shape[0] == 1:
        shape = shape[1:]
    return shape


def _quantized_keys(draft: Draft, imatrix: Imatrix | None) -> Encoded:
    """llama.cpp writes the version and the type anew, behind the keys it copies."""
    keys = {
        key: value for key, value in draft.metadata.items() if key not in (_VERSION_KEY, _TYPE_KEY)
    }
    keys[_VERSION_KEY] = encode(uint32(GGML_QUANT_VERSION))
    keys[_TYPE_KEY] = encode(uint32(int(draft.file_type)))
    for key, value in (imatrix.keys() if imatrix else {}).items():
        keys.pop(key, None)
        keys[key] = encode(value)
    return keys
