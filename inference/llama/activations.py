"""What reaches a model's weight matrices, read from its computation while that runs.

For each matrix: the sum over all tokens of the squares of each column's input, and how many tokens
there were; for routed experts, for each expert apart.

Source: tools/imatrix/imatrix.cpp of llama.cpp, as of llama-cpp-python 0.3.36.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass

import llama_cpp.llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

from inference.llama.native_tensor import TYPE_F32, NativeTensor, TensorReader

_DENSE, _ROUTED = b"MUL_MAT", b"MUL_MAT_ID"
_MIN_TOKENS = 16
"""Smaller batches are not text that is read, but something beside it."""


@dataclass(slots=True)
class InputStatistics:
    """Of one tensor: `sums` of squares, (n_matrices, n_columns) float64; `counts` of tokens.

    Routed experts have a count each; a dense matrix, or a stack of such, has one.
    """

    sums: NDArray[np.float64]
    counts: NDArray[np.int64]


class ActivationCollector:
    """Collects while a model evaluates text; `callback` is the context's `cb_eval`.

    Args:
        with_output: Whether the output matrix counts too.
    """

    def __init__(self, *, with_output: bool = False) -> None:
        self.callback = llama.ggml_backend_sched_eval_callback(self._on_tensor)
        self._with_output = with_output
        self._reader = TensorReader()
        self._found: dict[str, InputStatistics] = {}
        self._error: Exception | None = None

    @property
    def found(self) -> Mapping[str, InputStatistics]:
        """By the matrix's name."""
        return self._found

    def check(self) -> None:
        """Raise what went wrong in the callback, where nothing can be raised."""
        error, self._error = self._error, None
        if error is not None:
            raise error

    def _on_tensor(self, address: int, asking: bool, _data: object) -> bool:
        tensor = NativeTensor.from_address(address)
        operation = self._reader.operation(tensor)
        if asking:
            return self._is_wanted(tensor, operation)
        try:
            if operation == _ROUTED:
                self._add_routed(tensor)
            else:
                self._add_dense(tensor)
        except Exception as error:  # a callback from C: nobody would hear of it
            self._error = self._error or error
            return False
        return True

    def _is_wanted(self, tensor: NativeTensor, operation: bytes) -> bool:
        if operation == _ROUTED:
            return True
        if operation != _DENSE:
            return False
        inputs = tensor.source(1)
        if inputs.type != TYPE_F32 or inputs.ne[1] < _MIN_TOKENS:
            return False
        name = _plain_name(tensor.source(0))
        return name.startswith("blk.") or (self._with_output and name == "output.weight")

    def _add_dense(self, tensor: NativeTensor) -> None:
        weights, inputs = tensor.source(0), self._inputs(tensor.source(1))
        n_matrices = weights.ne[2] * weights.ne[3]
        sums = np.einsum("abij,abij->abj", inputs, inputs, dtype=np.float64)
        # Inputs of more dimensions than the weights go through the same matrix.
        sums = sums.reshape(-1, n_matrices, sums.shape[-1]).sum(axis=0)
        statistics = self._statistics(_plain_name(weights), sums.shape, n_counts=1)
        statistics.sums += sums
        statistics.counts += inputs.size // inputs.shape[-1] // n_matrices

    def _add_routed(self, tensor: NativeTensor) -> None:
        weights = tensor.source(0)
        inputs = self._inputs(tensor.source(1))[0]  # (n_tokens, n_used or 1, n_columns)
        chosen = self._reader.array(tensor.source(2), np.int32)[0, 0]  # (n_tokens, n_used)
        n_experts, n_columns = weights.ne[2], inputs.shape[-1]
        statistics = self._statistics(
            _plain_name(weights), (n_experts, n_columns), n_counts=n_experts
        )
        n_tokens, n_used = chosen.shape
        rows = np.broadcast_to(inputs, (n_tokens, n_used, n_columns)).reshape(-1, n_columns)
        experts = chosen.reshape(-1)
        for expert in np.unique(experts):
            routed = rows[experts == expert]
            statistics.sums[expert] += np.einsum("ij,ij->j", routed, routed, dtype=np.float64)
        statistics.counts += np.bincount(experts, minlength=n_experts)

    def _inputs(self, tensor: NativeTensor) -> NDArray[np.float32]:
        inputs = self._reader.array(tensor, np.float32)
        assert inputs.dtype == np.float32
        return inputs  # type: ignore[return-value]

    def _statistics(self, name: str, shape: tuple[int, ...], n_counts: int) -> InputStatistics:
        if name not in self._found:
            self._found[name] = InputStatistics(np.zeros(shape), np.zeros(n_counts, np.int64))
        return self._found[name]


def _plain_name(tensor: NativeTensor) -> str:
    """Without what the scheduler puts around it for a device: `CUDA0#blk.0.attn_q.weight#0`."""
    name: str = ctypes.string_at(tensor.name).decode("utf-8", "replace")
    parts = name.split("#")
    return parts[1] if len(parts) > 1 else name
