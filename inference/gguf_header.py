"""What a model file says about itself: metadata and tensor list, not the weights.

It owns the checks that give a broken file a clear error before llama.cpp opens it, in all parts of
a split model. It leaves loading to the engine.

Source: https://github.com/ggml-org/ggml/blob/v0.9.4/docs/gguf.md (versions 2 and 3)
"""

from __future__ import annotations

import math
import mmap
import stat
import struct
from dataclasses import dataclass, replace
from pathlib import Path

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

from inference.errors import (
    ModelFileTruncated,
    ModelNotFound,
    ModelPartMissing,
    ModelPartWrong,
    NotAModelFile,
)
from inference.file_kinds import GGUF_MAGIC, HEAD_BYTES, kind_of
from inference.gguf_cursor import Cursor, Damaged, MetadataValue, SkippedArray

__all__ = ["GgufHeader", "MetadataValue", "Part", "SkippedArray", "TensorInfo", "read_header"]

SUPPORTED_VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
MAX_KEYS = 1 << 16
MAX_TENSORS = 1 << 17
MAX_DIMENSIONS = 4
MAX_ELEMENTS = 1 << 62


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """One tensor of the file. `shape` is in ggml's order; `offset` counts from the data section."""

    name: str
    shape: tuple[int, ...]
    type_id: int
    offset: int

    @property
    def n_elements(self) -> int:
        """Number of weights."""
        count = 1
        for dimension in self.shape:
            count *= dimension
        return count

    @property
    def n_bytes(self) -> int:
        """Size in the file; 0 for a type that the `gguf` package does not know."""
        try:
            block, size = GGML_QUANT_SIZES[GGMLQuantizationType(self.type_id)]
        except (ValueError, KeyError):
            return 0
        return int(self.n_elements // block * size)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the further files of a split model, with its own tensors."""

    path: Path
    tensors: tuple[TensorInfo, ...]
    data_start: int


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """Metadata and tensors of a model; of a split one, `tensors` and `file_bytes` of all parts."""

    path: Path
    metadata: dict[str, MetadataValue]
    tensors: tuple[TensorInfo, ...]
    data_start: int
    file_bytes: int
    further_parts: tuple[Part, ...] = ()

    @property
    def architecture(self) -> str:
        """`general.architecture`, or "unknown"."""
        return self.text("general.architecture") or "unknown"

    @property
    def n_params(self) -> int:
        """Weights of the whole model."""
        return sum(tensor.n_elements for tensor in self.tensors)

    @property
    def tensor_bytes(self) -> int:
        """Bytes of all weights."""
        return sum(tensor.n_bytes for tensor in self.tensors)

    @property
    def expected_bytes(self) -> int:
        """Bytes that a file with these tensors must have at least."""
        ends = (tensor.offset + tensor.n_bytes for tensor in self.tensors)
        return self.data_start + max(ends, default=0)

    def text(self, key: str) -> str:
        """A string value; empty where the key is missing or of another type."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str, default: int = 0) -> int:
        """An integer value; for one number per layer, the largest."""
        value = self.metadata.get(key)
        if isinstance(value, list):
            return max((int(item) for item in value if isinstance(item, int)), default=default)
        if isinstance(value, float) and not math.isfinite(value):
            return default
        return int(value) if isinstance(value, int | float) else default

    def arch_number(self, key: str, default: int = 0) -> int:
        """An integer value of the architecture's own section, such as `llama.block_count`."""
        return self.number(f"{self.architecture}.{key}", default)


def read_header(path: Path) -> GgufHeader:
    """Read the header of a model and check that its file, or all its files, are whole.

    Raises:
        ModelNotFound: The file is missing, a folder, or not readable.
        NotAModelFile: It is not GGUF, of a version that is not supported, or damaged.
        ModelFileTruncated: It ends in the header, or before its last tensor.
        ModelPartMissing: A further part of a split model is not there.
        ModelPartWrong: A part belongs to another model or another place, or is not the first.
    """
    first = _read_file(path)
    n_parts = first.number("split.count")
    return _with_parts(first, n_parts) if n_parts > 1 else first


def _with_parts(first: GgufHeader, n_parts: int) -> GgufHeader:
    """The header of all parts, which llama.cpp finds by the name of the first."""
    if first.number("split.no") != 0:
        raise _wrong_part(first, f"is part {first.number('split.no') + 1} of {n_parts}", _FIRST)
    ending = _part_ending(0, n_parts)
    if not first.path.name.endswith(ending):
        raise _wrong_part(
            first,
            f"is the first of {n_parts} parts, but its name does not end in {ending}",
            "Give all parts the names under which they were published.",
        )
    stem = first.path.name.removesuffix(ending)
    paths = [first.path.with_name(stem + _part_ending(no, n_parts)) for no in range(1, n_parts)]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise ModelPartMissing(
            "A part of this model is missing",
            f"{first.path.name} is the first of {n_parts} files; {', '.join(missing[:3])}{more} "
            f"cannot be found in {first.path.parent}.",
            "Put all parts into one folder, or download the model again.",
        )
    parts = [_read_file(path) for path in paths]
    for number, part in enumerate(parts, start=1):
        if (part.number("split.no", -1), part.number("split.count")) != (number, n_parts):
            raise _wrong_part(part, f"is not part {number + 1} of {n_parts}", _AGAIN)
    tensors = [*first.tensors, *(tensor for part in parts for tensor in part.tensors)]
    n_tensors = first.number("split.tensors.count")
    if len({tensor.name for tensor in tensors}) != len(tensors) or len(tensors) != n_tensors:
        raise _wrong_part(
            first,
            f"announces {n_tensors:,} tensors, but its {n_parts} parts hold {len(tensors):,}",
            _AGAIN,
        )
    return replace(
        first,
        tensors=tuple(tensors),
        file_bytes=first.file_bytes + sum(part.file_bytes for part in parts),
        further_parts=tuple(Part(part.path, part.tensors, part.data_start) for part in parts),
    )


_FIRST = "Choose the first part; it loads the others."
_AGAIN = "Parts of several models or versions are mixed: download the model again."


def _part_ending(number: int, n_parts: int) -> str:
    return f"-{number + 1:05d}-of-{n_parts:05d}.gguf"


def _wrong_part(header: GgufHeader, reason: str, hint: str) -> ModelPartWrong:
    return ModelPartWrong(
        "A part of this model is the wrong one", f"{header.path.name} {reason}.", hint
    )


def _read_file(path: Path) -> GgufHeader:
    header = _parse_file(path)
    if header.file_bytes < header.expected_bytes:
        raise ModelFileTruncated(
            "The model file is incomplete",
            f"{path.name} has {header.file_bytes:,} bytes, but its header announces "
            f"{header.expected_bytes:,}.",
            "Download or copy the file again.",
        )
    return header


def _parse_file(path: Path) -> GgufHeader:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would keep the reader waiting
            raise IsADirectoryError(0, "it is not a file")
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size == 0:
                raise NotAModelFile(
                    "The model file is empty", f"{path} has 0 bytes.", "Download it again."
                )
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _parse(path, data, size)
    except OSError as error:
        raise ModelNotFound(
            "The model file cannot be opened",
            f"{path}: {error.strerror or error}",
            "Check the path, or choose another model.",
        ) from error
    except struct.error as error:
        raise ModelFileTruncated(
            "The model file is incomplete",
            f"{path.name} ends inside its header, after {size:,} bytes.",
            "Download or copy the file again.",
        ) from error


def _parse(path: Path, data: mmap.mmap, size: int) -> GgufHeader:
    if data[:4] != GGUF_MAGIC:
        what, hint = kind_of(data[:HEAD_BYTES])
        raise NotAModelFile("This is not a GGUF model", f"{path.name} {what}.", hint)
    cursor = Cursor(data)
    cursor.skip(4)
    version = cursor.u32()
    if version >> 24 in SUPPORTED_VERSIONS and not version & 0xFFFFFF:
        raise NotAModelFile(
            "This GGUF file is for other processors",
            f"{path.name} was written for big-endian machines.",
            "Get the little-endian file of this model, as nearly all are.",
        )
    if version not in SUPPORTED_VERSIONS:
        raise NotAModelFile(
            "This GGUF version cannot be read",
            f"{path.name} is of version {version}; versions 2 and 3 are supported.",
            "Get a newer conversion of this model.",
        )
    try:
        n_tensors = cursor.count("tensors", MAX_TENSORS)
        metadata = _read_metadata(cursor)
        tensors = _read_tensors(cursor, n_tensors)
        step = _alignment(metadata)
    except Damaged as error:
        raise NotAModelFile(
            "The model file is damaged",
            f"{path.name}: {error}, near byte {cursor.position:,}.",
            "Download or copy the file again.",
        ) from error
    data_start = (cursor.position + step - 1) // step * step
    return GgufHeader(path, metadata, tensors, data_start, size)


def _read_metadata(cursor: Cursor) -> dict[str, MetadataValue]:
    metadata: dict[str, MetadataValue] = {}
    for _ in range(cursor.count("metadata keys", MAX_KEYS)):
        key = cursor.string()
        if key in metadata:
            raise Damaged(f"the key {key!r} stands there twice")
        metadata[key] = cursor.value()
    return metadata


def _read_tensors(cursor: Cursor, n_tensors: int) -> tuple[TensorInfo, ...]:
    tensors: dict[str, TensorInfo] = {}
    for _ in range(n_tensors):
        tensor = _read_tensor(cursor)
        if tensor.name in tensors:
            raise Damaged(f"the tensor {tensor.name!r} stands there twice")
        tensors[tensor.name] = tensor
    return tuple(tensors.values())


def _read_tensor(cursor: Cursor) -> TensorInfo:
    name = cursor.string()
    n_dimensions = cursor.u32()
    if n_dimensions > MAX_DIMENSIONS:
        raise Damaged(f"the tensor {name!r} has {n_dimensions:,} dimensions")
    shape = tuple(cursor.u64() for _ in range(n_dimensions))
    tensor = TensorInfo(name, shape, cursor.u32(), cursor.u64())
    if tensor.n_elements > MAX_ELEMENTS:
        raise Damaged(f"the tensor {name!r} has {tensor.n_elements:,} values")
    return tensor


def _alignment(metadata: dict[str, MetadataValue]) -> int:
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    if isinstance(alignment, bool) or not isinstance(alignment, int) or alignment <= 0:
        raise Damaged(f"its alignment is {alignment!r}")
    if alignment & (alignment - 1):
        raise Damaged(f"its alignment {alignment:,} is no power of two")
    return alignment
