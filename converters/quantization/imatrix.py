"""Importance matrices as llama.cpp stores them: sums of squares and counts, in a GGUF file.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
common/imatrix-loader.cpp and tools/quantize/quantize.cpp)
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.errors import BadImportanceMatrix, ImatrixNeeded
from converters.quantization.ggml import requires_imatrix
from converters.typed_value import TypedValue, string, uint32
from inference.errors import ModelError
from inference.gguf_header import GgufHeader, read_header

_SUMS, _COUNTS = ".in_sum2", ".counts"
_NEVER_REQUIRED = ("token_embd.weight", "per_layer_token_embd.weight", "output.weight")
_MAX_TEXT = 127
"""llama.cpp cuts the texts it notes in the result."""


@dataclass(frozen=True)
class ImportanceMatrix:
    """Which columns matter.

    Attributes:
        path: Where it is from.
        values: By tensor: (n_matrices, n_columns) float32, the mean square of each input.
        dataset: The text it was made of.
        n_chunks: Pieces of that text.
        checksum: Of the whole file.
    """

    path: Path
    values: Mapping[str, NDArray[np.float32]]
    dataset: str
    n_chunks: int
    checksum: int

    def keys(self) -> dict[str, TypedValue]:
        """What `llama-quantize` notes of it in the result."""
        found = {"quantize.imatrix.file": _text(str(self.path))}
        if self.dataset:
            found["quantize.imatrix.dataset"] = _text(self.dataset)
        found["quantize.imatrix.entries_count"] = uint32(len(self.values))
        if self.n_chunks > 0:
            found["quantize.imatrix.chunks_count"] = uint32(self.n_chunks)
        return found

    def of_tensor(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32] | None:
        """The importance of a tensor's columns; None where the text told nothing of it.

        Raises:
            BadImportanceMatrix: It is of a tensor of another shape.
        """
        found = self.values.get(name)
        n_matrices = shape[-3] if len(shape) > 2 else 1
        if found is None or found.size != n_matrices * shape[-1]:
            if found is None or name == "token_embd.weight":
                return None
            raise BadImportanceMatrix(
                "The importance matrix is of another model",
                f"{self.path.name} has {found.size:,} values for {name}, which has "
                f"{n_matrices} x {shape[-1]}.",
                "Make one for this model with `conclave calibrate`.",
            )
        return found.reshape(n_matrices, shape[-1])


def read_imatrix(path: Path) -> ImportanceMatrix:
    """Read a file in llama.cpp's GGUF format.

    Raises:
        BadImportanceMatrix: It is none, is damaged, or has values that are not finite.
    """
    try:
        header = read_header(path)
        data = path.read_bytes()
    except (ModelError, OSError) as error:
        raise _bad(path, str(error)) from error
    if header.text("general.type") != "imatrix":
        raise _bad(path, "its general.type is not imatrix")
    tensors = {tensor.name: _values(header, tensor, data) for tensor in header.tensors}
    values = {
        name.removesuffix(_SUMS): _means(path, name.removesuffix(_SUMS), tensors)
        for name in tensors
        if name.endswith(_SUMS)
    }
    if not values:
        raise _bad(path, "it has no entries")
    datasets = header.metadata.get("imatrix.datasets")
    dataset = str(datasets[0]) if isinstance(datasets, list) and datasets else ""
    n_chunks = header.number("imatrix.chunk_count")
    return ImportanceMatrix(path, values, dataset, n_chunks, zlib.crc32(data))


def check_complete(
    types: Iterable[tuple[str, GGMLQuantizationType]],
    matrix: ImportanceMatrix | None,
    file_type: gguf.LlamaFileType,
) -> None:
    """Make sure that every tensor whose type needs a matrix has one.

    Raises:
        ImatrixNeeded: Some have none; all are listed.
    """
    lacking = [
        name
        for name, type_ in types
        if name not in _NEVER_REQUIRED
        and _is_required(type_, file_type)
        and (matrix is None or name not in matrix.values)
    ]
    if lacking:
        rest = f" and {len(lacking) - 8} more" if len(lacking) > 8 else ""
        raise ImatrixNeeded(
            "The importance matrix says nothing of some tensors",
            f"Their types need it: {', '.join(lacking[:8])}{rest}.",
            "Calibrate with more text, or choose a larger type for them with --tensor-type.",
        )


def _is_required(type_: GGMLQuantizationType, file_type: gguf.LlamaFileType) -> bool:
    """ggml needs one for some types; llama.cpp also for Q2_K in the smallest mix of it."""
    in_smallest = file_type == gguf.LlamaFileType.MOSTLY_Q2_K_S
    return requires_imatrix(type_) or (type_ == GGMLQuantizationType.Q2_K and in_smallest)


def _values(header: GgufHeader, tensor: Any, data: bytes) -> NDArray[np.float32]:
    if tensor.type_id != GGMLQuantizationType.F32:
        raise _bad(header.path, f"{tensor.name} is not of type F32")
    start = header.data_start + tensor.offset
    flat = np.frombuffer(data, "<f4", tensor.n_elements, start)
    return flat.reshape(tensor.shape[::-1])


def _means(
    path: Path, name: str, tensors: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Sums by counts; experts that the text never reached count all columns alike."""
    counts = tensors.get(name + _COUNTS)
    if counts is None or not counts.size:
        raise _bad(path, f"it has no counts for {name}")
    whole = np.rint(counts.reshape(-1, 1)).astype(np.float32)
    sums = tensors[name + _SUMS].reshape(len(whole), -1)
    means = np.where(whole > 0, sums / np.where(whole > 0, whole, 1), np.float32(1))
    if not np.isfinite(means).all():
        raise _bad(path, f"its values for {name} are not finite")
    return means.astype(np.float32)


def _bad(path: Path, problem: str) -> BadImportanceMatrix:
    return BadImportanceMatrix(
        "The importance matrix cannot be used",
        f"{path}: {problem}.",
        "Make one with `conclave calibrate`.",
    )


def _text(value: str) -> TypedValue:
    cut = value.encode("utf-8")[:_MAX_TEXT].decode("utf-8", "ignore")
    return string(cut)
