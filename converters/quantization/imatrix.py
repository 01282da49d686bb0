"""What quantizing takes from an importance matrix, and what it notes of it in the result.

Source: https://github.com/abetlen/llama-cpp-python/tree/v0.3.36/vendor (llama.cpp's
tools/quantize/quantize.cpp and src/llama-quant.cpp)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType
from numpy.typing import NDArray

from converters.errors import BadImportanceMatrix, ImatrixNeeded
from converters.importance import ImportanceMatrix, read_importance
from converters.typed_value import TypedValue, string, uint32

_NEVER_REQUIRED = ("token_embd.weight", "per_layer_token_embd.weight", "output.weight")
_REQUIRED = (
    GGMLQuantizationType.IQ1_S,
    GGMLQuantizationType.IQ1_M,
    GGMLQuantizationType.IQ2_XXS,
    GGMLQuantizationType.IQ2_XS,
    GGMLQuantizationType.IQ2_S,
    GGMLQuantizationType.IQ3_XXS,
)
"""As `tensor_requires_imatrix` of src/llama-quant.cpp has it."""
_MAX_TEXT = 127
"""llama.cpp cuts the texts it notes in the result."""


@dataclass(frozen=True, slots=True)
class Imatrix:
    """An importance matrix and the file it is from."""

    path: Path
    matrix: ImportanceMatrix

    @classmethod
    def read(cls, path: Path) -> Imatrix:
        """Read a file.

        Raises:
            BadImportanceMatrix: It is none, or damaged.
        """
        return cls(path, read_importance(path))

    def keys(self) -> dict[str, TypedValue]:
        """What `llama-quantize` notes of it in the result."""
        found = {"quantize.imatrix.file": _text(str(self.path))}
        if self.matrix.datasets:
            found["quantize.imatrix.dataset"] = _text(self.matrix.datasets[0])
        found["quantize.imatrix.entries_count"] = uint32(len(self.matrix.entries))
        if self.matrix.n_chunks > 0:
            found["quantize.imatrix.chunks_count"] = uint32(self.matrix.n_chunks)
        return found

    def of_tensor(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32] | None:
        """The importance of a tensor's columns, (n_matrices, n_columns); None where the text told
        nothing of it.

        Raises:
            BadImportanceMatrix: It is of a tensor of another shape.
        """
        found = self.matrix.entries.get(name)
        n_matrices = shape[-3] if len(shape) > 2 else 1
        if found is None or found.sums.size != n_matrices * shape[-1]:
            if found is None or name == "token_embd.weight":
                return None
            raise BadImportanceMatrix(
                "The importance matrix is of another model",
                f"{self.path.name} has {found.sums.size:,} values for {name}, which has "
                f"{n_matrices} x {shape[-1]}.",
                "Make one for this model with `conclave calibrate`.",
            )
        return found.means.reshape(n_matrices, shape[-1])


def check_complete(
    types: Iterable[tuple[str, GGMLQuantizationType]],
    imatrix: Imatrix | None,
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
        and (imatrix is None or name not in imatrix.matrix.entries)
    ]
    if lacking:
        rest = f" and {len(lacking) - 8} more" if len(lacking) > 8 else ""
        raise ImatrixNeeded(
            "The importance matrix says nothing of some tensors",
            f"Their types need it: {', '.join(lacking[:8])}{rest}.",
            "Calibrate with more text, or choose a larger type for them with --tensor-type.",
        )


def _is_required(type_: GGMLQuantizationType, file_type: gguf.LlamaFileType) -> bool:
    """llama.cpp asks for one also for types that ggml makes without, and worse."""
    in_smallest = file_type == gguf.LlamaFileType.MOSTLY_Q2_K_S
    return type_ in _REQUIRED or (type_ == GGMLQuantizationType.Q2_K and in_smallest)


def _text(value: str) -> TypedValue:
    cut = value.encode("utf-8")[:_MAX_TEXT].decode("utf-8", "ignore")
    return string(cut)
