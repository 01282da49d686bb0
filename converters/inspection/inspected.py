"""The figures of an inspected file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from converters.inspection.kinds import Kind, kind_of, layer_of


@dataclass(frozen=True, slots=True)
class TensorLine:
    """One tensor; `shape` in numpy's order, the row last; `n_weights` counts what it stands for.

    Two 4-bit weights in a byte are two weights.
    """

    name: str
    shape: tuple[int, ...]
    type: str
    n_bytes: int
    n_weights: int


@dataclass(frozen=True, slots=True)
class Size:
    """A group of tensors: how many, their weights and bytes."""

    n_tensors: int = 0
    n_weights: int = 0
    n_bytes: int = 0

    def plus(self, tensor: TensorLine) -> Size:
        """With one more."""
        return Size(
            self.n_tensors + 1, self.n_weights + tensor.n_weights, self.n_bytes + tensor.n_bytes
        )


@dataclass(frozen=True)
class Inspected:
    """A model file or checkpoint.

    Args:
        path: File or folder.
        form: "GGUF" or "safetensors".
        architecture: As the file has it.
        metadata: Keys and values of GGUF, or the checkpoint's `config.json`.
        tensors: In the order of the file.
        n_experts: Routed experts of a layer; 0: none.
        n_experts_used: How many of those each token goes through.
        chat_template: Empty where there is none.
    """

    path: Path
    form: str
    architecture: str
    metadata: Mapping[str, Any]
    tensors: tuple[TensorLine, ...]
    n_experts: int = 0
    n_experts_used: int = 0
    chat_template: str = ""

    @cached_property
    def total(self) -> Size:
        """All tensors."""
        size = Size()
        for tensor in self.tensors:
            size = size.plus(tensor)
        return size

    @cached_property
    def by_kind(self) -> dict[Kind, Size]:
        """By what they are for; kinds without tensors are left out."""
        found: dict[Kind, Size] = {}
        for tensor in self.tensors:
            kind = kind_of(tensor.name)
            found[kind] = found.get(kind, Size()).plus(tensor)
        return {kind: found[kind] for kind in Kind if kind in found}

    @cached_property
    def by_layer(self) -> dict[int, Size]:
        """By layer; what belongs to no layer is left out."""
        found: dict[int, Size] = {}
        for tensor in self.tensors:
            layer = layer_of(tensor.name)
            if layer is not None:
                found[layer] = found.get(layer, Size()).plus(tensor)
        return dict(sorted(found.items()))

    @cached_property
    def by_type(self) -> dict[str, Size]:
        """By type, the largest first."""
        found: dict[str, Size] = {}
        for tensor in self.tensors:
            found[tensor.type] = found.get(tensor.type, Size()).plus(tensor)
        return dict(sorted(found.items(), key=lambda item: -item[1].n_bytes))

    @property
    def n_active(self) -> int:
        """Weights that a token goes through: all but the routed experts that are not picked."""
        routed = self.by_kind.get(Kind.ROUTED_EXPERTS, Size()).n_weights
        if not self.n_experts:
            return self.total.n_weights
        return self.total.n_weights - routed + routed * self.n_experts_used // self.n_experts

    @property
    def bits_per_weight(self) -> float:
        """Bytes of the tensors by their weights, in bits."""
        total = self.total
        return total.n_bytes * 8 / total.n_weights if total.n_weights else 0.0
