"""Which experts a model picks, read from its computation while that runs.

llama.cpp takes an evaluation callback only when a context is made, and asks it about every tensor.
So that nothing is paid without it, a context with the callback takes the place of the one without
when the first request wants it, and the other way round; what the KV cache holds moves along.

Source: ggml_backend_sched_compute_splits in ggml/src/ggml-backend.cpp, `build_moe_ffn` in
src/llama-graph.cpp of llama.cpp, as of llama-cpp-python 0.3.36.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

import llama_cpp.llama_cpp as llama
import numpy as np
import numpy.typing as npt

from inference.engine import Event, ExpertCounts, GenerateRequest, Rank
from inference.gguf_header import GgufHeader
from inference.llama.libraries import tensor_reader
from inference.llama.model import LoadedModel
from inference.llama.native_tensor import NativeTensor

R = TypeVar("R")
Counts = dict[int, npt.NDArray[np.int64]]
"""By layer: how often each expert was picked, (n_experts,)."""

LIVE_INTERVAL_S = 0.5
_PREFIX = b"ffn_moe_topk-"
_BUFFER_BYTES = 1 << 18


# The callback is asked a thousand times a token, so it reads words of tensors without making
# objects of them: all memory as one array. The word of the name that tells stands 8 bytes into
# "ffn_moe_topk-". Of sizes the lower half is read, which is all there is on the machines ggml
# knows: they count in the order of their bytes, from the lowest.
_MEMORY = (ctypes.c_uint32 * (1 << 58)).from_address(0)
_NAME = NativeTensor.name.offset
_NAME_WORD = (_NAME + 8) >> 2
_N_USED_WORD = NativeTensor.ne.offset >> 2
_N_TOKENS_WORD = (NativeTensor.ne.offset + 8) >> 2
_STRIDE_WORD = (NativeTensor.nb.offset + 8) >> 2
_TOPK = int.from_bytes(b"topk", "little")


class ExpertRecorder:
    """Counts the experts that the loaded model picks.

    Args:
        interval_s: How often an answer's counts are told while it grows.
    """

    def __init__(self, interval_s: float = LIVE_INTERVAL_S) -> None:
        self._interval_s = interval_s
        self._model: LoadedModel | None = None
        self._n_experts = self._n_used = 0
        self._has_callback = self._is_telling = False
        # Layer as in the name, then start, n_tokens, bytes of a row, stride: all in the buffer.
        self._pending: list[tuple[bytes, int, int, int, int]] = []
        self._filled = 0
        self._new_buffer(_BUFFER_BYTES)
        self._prompt: Counts = {}
        self._answer: Counts = {}
        self._total: Counts = {}
        self._counts = self._prompt
        self._read = tensor_reader()
        self._callback = llama.ggml_backend_sched_eval_callback(self._seeing())
        self._no_callback = llama.ggml_backend_sched_eval_callback()

    def attach(self, model: LoadedModel, header: GgufHeader) -> None:
        """Another model is loaded."""
        self._model = model
        self._n_experts = header.arch_number("expert_count")
        self._n_used = header.arch_number("expert_used_count")
        self._has_callback = False
        self._total = {}

    def begin(self, request: GenerateRequest) -> None:
        """Be ready for a request; raises as `switch` does.

        One that runs behind the screen leaves the context as the next answer there wants it.
        """
        wanted = request.record_experts and self._n_experts > 0
        if wanted or request.rank is Rank.SCREEN:
            self.switch(on=wanted)
        self._is_telling = wanted
        self._forget()
        self._prompt, self._answer = {}, {}
        self._counts = self._prompt

    def switch(self, *, on: bool) -> None:
        """Give the model a context with or without the callback, where it has the other one.

        Raises:
            ModelLoadFailed: The model has no context now; nothing can be done but close it.
        """
        if self._model is None or on == self._has_callback:
            return
        self._has_callback = on
        self._model.context_params.cb_eval = self._callback if on else self._no_callback
        self._model.make_context_anew()

    def watched(self, answer: Generator[Event, None, R]) -> Generator[Event, None, R]:
        """The events of an answer; where it is recorded, with its counts from time to time."""
        if not self._is_telling:
            return (yield from answer)
        self._flush()
        self._counts = self._answer
        told_at = time.monotonic()
        while True:
            try:
                event = next(answer)
            except StopIteration as end:
                result: R = end.value
                return result
            yield event
            if time.monotonic() - told_at >= self._interval_s:
                yield self._so_far()
                told_at = time.monotonic()

    def _so_far(self) -> ExpertCounts:
        self._flush()
        layers = sorted(self._answer)
        return ExpertCounts(
            self._n_experts,
            self._n_used,
            tuple(layers),
            answer=_rows(self._answer, layers, self._n_experts),
        )

    def ended(self) -> Iterator[ExpertCounts]:
        """The counts of prompt, answer and all so far, where they were recorded."""
        if not self._is_telling:
            return
        self._flush()
        for counts in (self._prompt, self._answer):
            for layer, row in counts.items():
                self._row(self._total, layer)[:] += row
        layers = sorted(self._total)
        yield ExpertCounts(
            self._n_experts,
            self._n_used,
            tuple(layers),
            answer=_rows(self._answer, layers, self._n_experts),
            prompt=_rows(self._prompt, layers, self._n_experts),
            total=_rows(self._total, layers, self._n_experts),
            is_final=True,
        )

    def _seeing(self) -> Callable[[int, bool, object], bool]:
        """The callback: what it answers decides which tensors are shown to it."""
        memory, word, topk, string_at = _MEMORY, _NAME_WORD, _TOPK, ctypes.string_at
        name, prefix, n_prefix = _NAME, _PREFIX, len(_PREFIX)
        record = self._record

        def see(tensor: int, is_question: bool, _user_data: object) -> bool:
            if memory[(tensor >> 2) + word] != topk:
                return False
            if string_at(tensor + name, n_prefix) != prefix:
                return False
            if not is_question:
                record(tensor)
            return True

        return see

    def _record(self, tensor: int) -> None:
        """Copy (n_tokens, n_used) numbers of experts; a view into longer rows of all experts."""
        words = tensor >> 2
        n_tokens = _MEMORY[words + _N_TOKENS_WORD]
        if not n_tokens:
            return
        row = 4 * _MEMORY[words + _N_USED_WORD]
        stride = _MEMORY[words + _STRIDE_WORD]
        size = (n_tokens - 1) * stride + row
        if self._filled + size > len(self._buffer):
            self._flush()
            if size > len(self._buffer):
                self._new_buffer(size)
        self._read(tensor, self._address + self._filled, 0, size)
        layer = ctypes.string_at(tensor + _NAME + len(_PREFIX))
        self._pending.append((layer, self._filled, n_tokens, row, stride))
        self._filled += size

    def _new_buffer(self, size: int) -> None:
        self._buffer = (ctypes.c_char * size)()
        self._address = ctypes.addressof(self._buffer)

    def _flush(self) -> None:
        """Count what was copied."""
        by_layer: dict[bytes, list[npt.NDArray[np.int32]]] = {}
        for layer, start, n_tokens, row, stride in self._pending:
            shape, strides = (n_tokens, row // 4), (stride, 4)
            picked: npt.NDArray[np.int32] = np.ndarray(
                shape, np.int32, memoryview(self._buffer), start, strides
            )
            by_layer.setdefault(layer, []).append(picked.ravel())
        for name, parts in by_layer.items():
            times = np.bincount(np.concatenate(parts), minlength=self._n_experts)
            self._row(self._counts, int(name))[:] += times[: self._n_experts]
        self._forget()

    def _forget(self) -> None:
        """Let go of what was copied."""
        self._pending.clear()
        self._filled = 0

    def _row(self, counts: Counts, layer: int) -> npt.NDArray[np.int64]:
        return counts.setdefault(layer, np.zeros(self._n_experts, np.int64))


def _rows(counts: Counts, layers: list[int], n_experts: int) -> tuple[tuple[int, ...], ...]:
    """The counts of these layers; zeros for one that has none."""
    nothing = (0,) * n_experts
    return tuple(tuple(counts[at].tolist()) if at in counts else nothing for at in layers)
