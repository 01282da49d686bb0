"""What will stand where in the file or files of a model: known to the byte before writing.

Source: https://github.com/ggml-org/ggml/blob/v0.9.4/docs/gguf.md (version 3, little-endian); split
files as `gguf` 0.19 writes them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gguf import GGMLQuantizationType, GGUFValueType

from converters.quantization.ggml import row_size
from converters.typed_value import TypedValue
from converters.writing.encoding import Encoded, encode, text

ALIGNMENT = 32
_MAGIC, _VERSION = b"GGUF", 3


@dataclass(frozen=True, slots=True)
class TensorShape:
    """A tensor of the result; `shape` in numpy's order."""

    name: str
    shape: tuple[int, ...]
    type: GGMLQuantizationType

    @property
    def n_rows(self) -> int:
        """Rows of all leading axes together."""
        return math.prod(self.shape[:-1])

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return row_size(self.type, self.shape[-1])

    @property
    def n_bytes(self) -> int:
        """Bytes without padding."""
        return self.n_rows * self.row_bytes


@dataclass(frozen=True, slots=True)
class PlannedTensor:
    """A tensor and its place: byte `offset` of file number `file`."""

    tensor: TensorShape
    file: int
    offset: int


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file: its name, its header with padding, and its size."""

    name: str
    header: bytes
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A model's files and the places of its tensors, in the order of writing."""

    files: tuple[PlannedFile, ...]
    tensors: tuple[PlannedTensor, ...]

    @property
    def n_bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.n_bytes for file in self.files)

    @property
    def tensor_bytes(self) -> int:
        """Bytes of all tensors without padding."""
        return sum(planned.tensor.n_bytes for planned in self.tensors)


def make_plan(
    name: str, metadata: Encoded, tensors: Sequence[TensorShape], split_bytes: int = 0
) -> Plan:
    """Plan a model.

    Args:
        name: The file's name, which ends in .gguf.
        metadata: Keys and values of the header.
        tensors: In the order of the result.
        split_bytes: Most bytes of tensors in one file; 0 for a single file.
    """
    groups = _grouped(tensors, split_bytes)
    files: list[PlannedFile] = []
    planned: list[PlannedTensor] = []
    for number, group in enumerate(groups):
        keys = metadata if number == 0 else {}
        if len(groups) > 1:
            keys = keys | _split_keys(number, len(groups), len(tensors))
        header, offsets, n_bytes = _laid_out(keys, group)
        files.append(PlannedFile(_file_name(name, number, len(groups)), header, n_bytes))
        planned += (
            PlannedTensor(tensor, number, offset)
            for tensor, offset in zip(group, offsets, strict=True)
        )
    return Plan(tuple(files), tuple(planned))


def _grouped(tensors: Iterable[TensorShape], split_bytes: int) -> list[list[TensorShape]]:
    groups: list[list[TensorShape]] = [[]]
    filled = 0
    for tensor in tensors:
        if split_bytes and groups[-1] and filled + tensor.n_bytes > split_bytes:
            groups.append([])
            filled = 0
        groups[-1].append(tensor)
        filled += tensor.n_bytes
    return groups


def _split_keys(number: int, n_files: int, n_tensors: int) -> Encoded:
    values = {
        "split.no": TypedValue(number, GGUFValueType.UINT16),
        "split.count": TypedValue(n_files, GGUFValueType.UINT16),
        "split.tensors.count": TypedValue(n_tensors, GGUFValueType.INT32),
    }
    return {key: encode(value) for key, value in values.items()}


def _file_name(name: str, number: int, n_files: int) -> str:
    if n_files == 1:
        return name
    return f"{name.removesuffix('.gguf')}-{number + 1:05d}-of-{n_files:05d}.gguf"


def _laid_out(keys: Encoded, tensors: Sequence[TensorShape]) -> tuple[bytes, list[int], int]:
    """The header, where each tensor begins in the file, and the file's size."""
    parts = [_MAGIC, struct.pack("<IQQ", _VERSION, len(tensors), len(keys))]
    for key, value in keys.items():
        parts += (text(key), value)
    relative: list[int] = []
    position = 0
    for tensor in tensors:
        relative.append(position)
        parts += (text(tensor.name), struct.pack("<I", len(tensor.shape)))
        parts.append(struct.pack(f"<{len(tensor.shape)}Q", *reversed(tensor.shape)))
        parts.append(struct.pack("<IQ", tensor.type, position))
        position += _padded(tensor.n_bytes)
    header = b"".join(parts)
    header += bytes(_padded(len(header)) - len(header))
    return header, [len(header) + offset for offset in relative], len(header) + position


def _padded(n_bytes: int) -> int:
    return -(-n_bytes // ALIGNMENT) * ALIGNMENT
