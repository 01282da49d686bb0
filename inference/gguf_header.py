"""Reads what a GGUF file says about itself: metadata and tensor list, not the weights.

It owns the checks that give a broken file a clear error before llama.cpp opens it. It leaves
loading to the engine.

Source: https://github.com/ggml-org/ggml/blob/v0.9.4/docs/gguf.md (versions 2 and 3)
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType

from inference.errors import ModelFileTruncated, ModelNotFound, NotAModelFile

MAGIC = b"GGUF"
SUPPORTED_VERSIONS = (2, 3)
DEFAULT_ALIGNMENT = 32
MAX_KEPT_ARRAY = 1024
"""Longer arrays (vocabularies) are skipped; only their length is kept."""

Scalar = int | float | bool | str

_SCALARS: dict[GGUFValueType, struct.Struct] = {
    GGUFValueType.UINT8: struct.Struct("<B"),
    GGUFValueType.INT8: struct.Struct("<b"),
    GGUFValueType.UINT16: struct.Struct("<H"),
    GGUFValueType.INT16: struct.Struct("<h"),
    GGUFValueType.UINT32: struct.Struct("<I"),
    GGUFValueType.INT32: struct.Struct("<i"),
    GGUFValueType.FLOAT32: struct.Struct("<f"),
    GGUFValueType.BOOL: struct.Struct("<?"),
    GGUFValueType.UINT64: struct.Struct("<Q"),
    GGUFValueType.INT64: struct.Struct("<q"),
    GGUFValueType.FLOAT64: struct.Struct("<d"),
}


@dataclass(frozen=True, slots=True)
class SkippedArray:
    """An array that was too long to keep."""

    length: int


MetadataValue = Scalar | list[Scalar] | SkippedArray


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
class GgufHeader:
    """Metadata and tensors of one GGUF file."""

    path: Path
    metadata: dict[str, MetadataValue]
    tensors: tuple[TensorInfo, ...]
    data_start: int
    file_bytes: int

    @property
    def architecture(self) -> str:
        """`general.architecture`, or "unknown"."""
        return self.text("general.architecture") or "unknown"

    @property
    def tensor_bytes(self) -> int:
        """Bytes of all weights."""
        return sum(tensor.n_bytes for tensor in self.tensors)

    @property
    def expected_bytes(self) -> int:
        """Bytes that the file must have at least."""
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
        return int(value) if isinstance(value, int | float) else default

    def arch_number(self, key: str, default: int = 0) -> int:
        """An integer value of the architecture's own section, such as `llama.block_count`."""
        return self.number(f"{self.architecture}.{key}", default)


class _Cursor:
    """Reads little-endian values one after the other; running off the end raises `struct.error`."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.position = 0

    def scalar(self, kind: GGUFValueType) -> Scalar:
        layout = _SCALARS[kind]
        (value,) = layout.unpack_from(self._data, self.position)
        self.position += layout.size
        return value  # type: ignore[no-any-return]

    def unsigned(self, kind: GGUFValueType) -> int:
        return int(self.scalar(kind))

    def string(self) -> str:
        return self._take(self._length()).decode("utf-8", errors="replace")

    def skip_string(self) -> None:
        self._advance(self._length())

    def skip(self, n_bytes: int) -> None:
        self._advance(n_bytes)

    def _length(self) -> int:
        return self.unsigned(GGUFValueType.UINT64)

    def _take(self, n_bytes: int) -> bytes:
        start = self.position
        self._advance(n_bytes)
        return self._data[start : self.position]

    def _advance(self, n_bytes: int) -> None:
        if self.position + n_bytes > len(self._data):
            raise struct.error("value runs past the end of the file")
        self.position += n_bytes


def read_header(path: Path) -> GgufHeader:
    """Read the header of a GGUF file and check that the file is whole.

    Raises:
        ModelNotFound: The file is missing, a folder, or not readable.
        NotAModelFile: It is not GGUF, or of a version that is not supported.
        ModelFileTruncated: It ends in the header, or before its last tensor.
    """
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
    if data[:4] != MAGIC:
        raise NotAModelFile(
            "This is not a GGUF model",
            f"{path.name} begins with the bytes {data[:4].hex(' ')} instead of "
            f"{MAGIC.hex(' ')}, which is GGUF.",
            "Choose a file that ends in .gguf, or convert the checkpoint first.",
        )
    cursor = _Cursor(data)
    cursor.skip(4)
    version = cursor.unsigned(GGUFValueType.UINT32)
    if version not in SUPPORTED_VERSIONS:
        raise NotAModelFile(
            "This GGUF version cannot be read",
            f"{path.name} is of version {version}; versions 2 and 3 are supported.",
            "Get a newer conversion of this model.",
        )
    n_tensors = cursor.unsigned(GGUFValueType.UINT64)
    n_keys = cursor.unsigned(GGUFValueType.UINT64)
    try:
        metadata = dict(_read_pair(cursor) for _ in range(n_keys))
        tensors = tuple(_read_tensor(cursor) for _ in range(n_tensors))
    except (ValueError, KeyError) as error:
        raise NotAModelFile(
            "The model file is damaged",
            f"{path.name}: unknown value type near byte {cursor.position:,} ({error}).",
            "Download or copy the file again.",
        ) from error
    alignment = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    step = alignment if isinstance(alignment, int) and alignment > 0 else DEFAULT_ALIGNMENT
    data_start = (cursor.position + step - 1) // step * step
    return GgufHeader(path, metadata, tensors, data_start, size)


def _read_pair(cursor: _Cursor) -> tuple[str, MetadataValue]:
    key = cursor.string()
    kind = GGUFValueType(cursor.unsigned(GGUFValueType.UINT32))
    return key, _read_array(cursor) if kind == GGUFValueType.ARRAY else _read_value(cursor, kind)


def _read_value(cursor: _Cursor, kind: GGUFValueType) -> Scalar:
    return cursor.string() if kind == GGUFValueType.STRING else cursor.scalar(kind)


def _read_array(cursor: _Cursor) -> list[Scalar] | SkippedArray:
    kind = GGUFValueType(cursor.unsigned(GGUFValueType.UINT32))
    length = cursor.unsigned(GGUFValueType.UINT64)
    if length <= MAX_KEPT_ARRAY:
        return [_read_value(cursor, kind) for _ in range(length)]
    if kind == GGUFValueType.STRING:
        for _ in range(length):
            cursor.skip_string()
    else:
        cursor.skip(length * _SCALARS[kind].size)
    return SkippedArray(length)


def _read_tensor(cursor: _Cursor) -> TensorInfo:
    name = cursor.string()
    n_dims = cursor.unsigned(GGUFValueType.UINT32)
    shape = tuple(cursor.unsigned(GGUFValueType.UINT64) for _ in range(n_dims))
    type_id = cursor.unsigned(GGUFValueType.UINT32)
    return TensorInfo(name, shape, type_id, cursor.unsigned(GGUFValueType.UINT64))
