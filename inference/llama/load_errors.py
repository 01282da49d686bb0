"""What llama.cpp logs when it refuses a model or a context, as cause, numbers and a way out.

Source: the messages of src/llama-model-loader.cpp, src/llama-model.cpp, src/llama-vocab.cpp,
src/llama-context.cpp and ggml/src/gguf.cpp of llama.cpp, as in llama-cpp-python 0.3.36.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.endings import LESS_MEMORY, speaks_of_memory
from inference.errors import (
    ModelDamaged,
    ModelError,
    ModelLoadFailed,
    ModelTooLarge,
    UnknownArchitecture,
)
from inference.gguf_header import GgufHeader
from inference.llama.native_log import explanation
from inference.memory.placement import gigabytes

_AGAIN = "Download this file again; if that does not help, get another conversion of the model."
_NEWER = "Get a newer conversion of this model, or another model."
_UPDATE = "Choose another model, or update Conclave."
_OTHER_KV = "Choose the KV type f16, or bf16."


@dataclass(frozen=True, slots=True)
class _Cause:
    """A line of the log by its pattern; `detail` takes the pattern's groups and the file's words.

    Words in braces: numbers for groups, `file`, `architecture`, `n_tensors`.
    """

    pattern: re.Pattern[str]
    kind: type[ModelError]
    title: str
    detail: str
    hint: str


def _cause(pattern: str, kind: type[ModelError], title: str, detail: str, hint: str) -> _Cause:
    return _Cause(re.compile(pattern), kind, title, detail, hint)


_CAUSES = (
    _cause(
        r"un(?:known|supported) model architecture",
        UnknownArchitecture,
        "This model's architecture is not supported",
        "{file} is of architecture '{architecture}', which this build of llama.cpp does not know.",
        _UPDATE,
    ),
    _cause(
        r"tensor '(.+)' has invalid ggml type (\d+)",
        ModelDamaged,
        "A tensor of this model is of an unknown type",
        "In {file} the tensor {0} is of the type number {1}, which this build of llama.cpp does "
        "not know.",
        "Choose another quantization of this model, or update Conclave.",
    ),
    _cause(
        r"tensor '(.+)' of type \d+ \((.*)\) has (\d+) elements per row, .* block size \((\d+)\)",
        ModelDamaged,
        "A tensor of this model cannot be read",
        "In {file} the tensor {0} of type {1} has {2} values in a row, which is no multiple of its "
        "blocks of {3}.",
        _NEWER,
    ),
    _cause(
        r"missing tensor '(.+)'|tensor '(.+)' not found",
        ModelDamaged,
        "A tensor of this model is missing",
        "{file} has {n_tensors} tensors, but not {0}, which the architecture '{architecture}' "
        "needs.",
        _AGAIN,
    ),
    _cause(
        r"tensor '(.+)' has wrong shape; expected (.+), got (.+)",
        ModelDamaged,
        "A tensor of this model has the wrong shape",
        "In {file} the tensor {0} has the shape {2}; by the file's header it should be {1}.",
        _AGAIN,
    ),
    _cause(
        r"wrong number of tensors; expected (\d+), got (\d+)",
        ModelDamaged,
        "This model was made for another version",
        "{file} holds {0} tensors, of which the architecture '{architecture}' uses {1}.",
        _UPDATE,
    ),
    _cause(
        r"key not found in model: (tokenizer\S+)|cannot find (tokenizer \w+)",
        ModelLoadFailed,
        "This model has no complete tokenizer",
        "{file} has no {0}, without which text cannot be turned into tokens.",
        _NEWER,
    ),
    _cause(
        r"unknown (pre-tokenizer type|tokenizer): '(.*)'",
        ModelLoadFailed,
        "This model's tokenizer is not supported",
        "{file} has the {0} '{1}', which this build of llama.cpp does not know.",
        _UPDATE,
    ),
    _cause(
        r"key not found in model: (\S+)",
        ModelLoadFailed,
        "The model file is not complete",
        "{file} does not say {0}, which the architecture '{architecture}' needs.",
        _NEWER,
    ),
    _cause(
        r"key (\S+) has wrong type (\S+) but expected type (\S+)",
        ModelLoadFailed,
        "The model file is not as it should be",
        "In {file} the value of {0} is of the type {1}; it should be {2}.",
        _NEWER,
    ),
    _cause(
        r"key (\S+) has wrong array length; expected (\d+), got (\d+)",
        ModelLoadFailed,
        "The model file is not as it should be",
        "In {file} the list {0} has {2} entries; it should have {1}, one for each layer.",
        _NEWER,
    ),
    _cause(
        r"([KV]) cache type (\S+) with block size (\d+) does not divide n_embd_head_\w=(\d+)",
        ModelLoadFailed,
        "This KV type does not go with this model",
        "The heads of {file} have {3} values, which is no multiple of the blocks of {2} of {1}.",
        _OTHER_KV,
    ),
    _cause(
        r"(quantized V cache) requires flash_attn|does not support different K \((\S+)\) and V",
        ModelLoadFailed,
        "This KV type does not go with this model",
        "{file} cannot be used with this type of KV cache here: {0}.",
        _OTHER_KV,
    ),
)
_SHAPE = re.compile(r"\s*\d+(?:,\s*\d+)+")
_SIZE = re.compile(r"failed to allocate(?: (\S+))? buffer of size (\d+)")


def load_error(header: GgufHeader, lines: Sequence[str], doing: str) -> ModelError:
    """The error for a model that llama.cpp refused.

    Args:
        header: The model's.
        lines: What was logged since the load began.
        doing: What failed, as a title.
    """
    for cause in _CAUSES:
        for line in lines:
            if found := cause.pattern.search(line):
                return _told(cause, found, header)
    if speaks_of_memory(lines):
        return ModelTooLarge(
            "There is not enough memory for this model",
            f"{header.path.name}, {gigabytes(header.tensor_bytes)}: {_refused(lines)}",
            LESS_MEMORY,
        )
    return ModelLoadFailed(
        doing,
        f"{header.path.name}: {explanation(lines)}",
        "Choose another model, or download this one again.",
    )


def _told(cause: _Cause, found: re.Match[str], header: GgufHeader) -> ModelError:
    words = [_readable(group) for group in found.groups() if group is not None]
    detail = cause.detail.format(
        *words,
        file=header.path.name,
        architecture=header.architecture,
        n_tensors=len(header.tensors),
    )
    return cause.kind(cause.title, detail, cause.hint)


def _readable(words: str) -> str:
    """A shape as people write it, without its last ones; all else as it is."""
    if not _SHAPE.fullmatch(words):
        return words
    dimensions = [part.strip() for part in words.split(",")]
    while len(dimensions) > 1 and dimensions[-1] == "1":
        dimensions.pop()
    return " x ".join(dimensions)


def _refused(lines: Sequence[str]) -> str:
    """Which memory was refused."""
    for line in lines:
        if found := _SIZE.search(line):
            return f"{gigabytes(int(found[2]))} of {found[1] or 'system'} memory were refused."
    return explanation(lines)
