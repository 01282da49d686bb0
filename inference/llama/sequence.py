"""The one sequence of a context: what its memory holds, cutting it, copies of it out and in.

A KV cache can be cut anywhere. Recurrent and hybrid models keep one state that goes forward only,
and of a sliding window only the window is kept with a state: these are cut back to a checkpoint, a
copy of that part.

Source: include/llama.h and the context checkpoints of tools/server/server-context.cpp of llama.cpp,
as of llama-cpp-python 0.3.36.
"""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Sequence

import llama_cpp.llama_cpp as llama
import numpy as np
import psutil

from inference.llama.picture_tokens import positions_of
from inference.states.kept import Bytes, Checkpoint, Tokens, as_tokens, usable_tokens

MAX_CHECKPOINTS = 16
_SPARE_BYTES = 256 << 20
"""Memory that a copy of a state leaves to the system."""


class KvSequence:
    """Tokens that a context's memory holds, in order, as sequence 0.

    Args:
        model: The model's handle.
        context: The context's handle.
    """

    def __init__(self, model: int, context: int) -> None:
        self._context = context
        self._memory = llama.llama_get_memory(context)
        self._n_window = int(llama.llama_model_n_swa(model))
        self._goes_forward_only = bool(
            llama.llama_model_is_recurrent(model) or llama.llama_model_is_hybrid(model)
        )
        self.tokens: list[int] = []
        self.checkpoints: list[Checkpoint] = []
        self._counted = (0, 0)
        """So many tokens at the beginning take so many positions."""
        self.checkpoint_bytes = 0
        """Memory that checkpoints may take together."""

    def move_to(self, context: int) -> None:
        """Go on with another context of the same model, which holds nothing yet."""
        self._context = context
        self._memory = llama.llama_get_memory(context)
        self.clear()

    def position(self, n_tokens: int) -> int:
        """Where the token behind the first `n_tokens` stands; pictures may take fewer positions."""
        n_counted, position = self._counted
        if n_tokens < n_counted:
            n_counted, position = 0, 0
        position += positions_of(self.tokens[n_counted:n_tokens])
        self._counted = (n_tokens, position)
        return position

    @property
    def can_be_cut(self) -> bool:
        """Whether a copy can be cut to any length, so that no checkpoints are needed."""
        return not self._goes_forward_only and self._n_window == 0

    def usable(self, prompt: Tokens) -> int:
        """Tokens that would remain if it were cut back to what it shares with a prompt."""
        held = as_tokens(self.tokens)
        n_tokens = usable_tokens(held, prompt, (), can_be_cut=True)
        if self._can_cut_here(n_tokens):
            return n_tokens
        positions = (checkpoint.n_tokens for checkpoint in self.checkpoints)
        return usable_tokens(held, prompt, positions, can_be_cut=False)

    def cut(self, n_tokens: int) -> int:
        """Drop what lies behind the first `n_tokens`, and more where the memory needs that.

        Returns:
            Number of tokens that remain.
        """
        if not self._can_cut_here(n_tokens):
            n_tokens = self._back_to_checkpoint(n_tokens)
        return self._drop_behind(n_tokens)

    def drop_unfinished(self) -> None:
        """Drop what a batch that failed has left behind `tokens`."""
        n_tokens = len(self.tokens)
        self._drop_behind(
            self._back_to_checkpoint(n_tokens) if self._goes_forward_only else n_tokens
        )

    def take_checkpoint(self) -> None:
        """Remember this place, if the model needs that and memory has room for it."""
        n_tokens = len(self.tokens)
        held = {checkpoint.n_tokens for checkpoint in self.checkpoints}
        if self.can_be_cut or n_tokens == 0 or n_tokens in held:
            return
        data = self._read(llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY, self.checkpoint_bytes // 2)
        if data is None:
            return
        self.checkpoints.append(Checkpoint(n_tokens, data))
        while len(self.checkpoints) > MAX_CHECKPOINTS or self._taken() > self.checkpoint_bytes:
            del self.checkpoints[self._least_useful()]

    def read(self) -> Bytes | None:
        """A copy of the whole sequence; None where memory has no room for it."""
        return self._read(llama.LLAMA_STATE_SEQ_FLAGS_NONE, None)

    def write(self, tokens: Tokens, data: Bytes, checkpoints: Sequence[Checkpoint]) -> bool:
        """Put a copy back in place of what is held; False, and empty, where llama.cpp refuses."""
        self.clear()
        if not self._write(data, llama.LLAMA_STATE_SEQ_FLAGS_NONE):
            self.clear()
            return False
        self.tokens[:] = tokens.tolist()
        self.checkpoints = list(checkpoints)
        return True

    def clear(self) -> None:
        """Hold nothing."""
        llama.llama_memory_clear(self._memory, True)
        self.tokens.clear()
        self.checkpoints.clear()
        self._counted = (0, 0)

    def _can_cut_here(self, n_tokens: int) -> bool:
        if n_tokens == len(self.tokens):
            return True
        if self._goes_forward_only:
            return False
        # The next token looks back over the window; the cache holds all from pos_min on.
        pos_min = llama.llama_memory_seq_pos_min(self._memory, 0)
        window_start = self.position(n_tokens) - self._n_window
        return bool(self._n_window == 0 or pos_min <= max(0, window_start))

    def _back_to_checkpoint(self, n_tokens: int) -> int:
        usable = [saved for saved in self.checkpoints if saved.n_tokens <= n_tokens]
        for saved in sorted(usable, key=lambda saved: saved.n_tokens, reverse=True):
            if self._write(saved.data, llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY):
                return saved.n_tokens
        return 0

    def _drop_behind(self, n_tokens: int) -> int:
        start = self.position(n_tokens)
        if n_tokens == 0 or not llama.llama_memory_seq_rm(self._memory, 0, start, -1):
            self.clear()
            return 0
        del self.tokens[n_tokens:]
        self._counted = (n_tokens, start)
        self.checkpoints = [saved for saved in self.checkpoints if saved.n_tokens <= n_tokens]
        return n_tokens

    def _taken(self) -> int:
        return sum(checkpoint.data.nbytes for checkpoint in self.checkpoints)

    def _least_useful(self) -> int:
        """The checkpoint closest behind the one before it; the two newest are never it."""
        places = [0, *(checkpoint.n_tokens for checkpoint in self.checkpoints)]
        older = range(max(1, len(self.checkpoints) - 2))
        return min(older, key=lambda index: places[index + 1] - places[index])

    def _read(self, flags: int, limit: int | None) -> Bytes | None:
        size = int(llama.llama_state_seq_get_size_ext(self._context, 0, flags))
        available = psutil.virtual_memory().available
        if size == 0 or (limit is not None and size > limit) or size + _SPARE_BYTES > available:
            return None
        try:
            data = _new_bytes(size)
        except OSError:
            return None
        n_read = llama.llama_state_seq_get_data_ext(self._context, _pointer(data), size, 0, flags)
        return data if n_read == size else None

    def _write(self, data: Bytes, flags: int) -> bool:
        size = data.nbytes
        n_set = llama.llama_state_seq_set_data_ext(self._context, _pointer(data), size, 0, flags)
        return bool(n_set == size)


def _new_bytes(size: int) -> Bytes:
    """Memory for a copy, in small pages.

    numpy asks for huge ones, and a machine that has none at hand takes long to make them: 2 ms for
    each megabyte were seen, against 0.3 for small pages, while a question waits.
    """
    return np.frombuffer(mmap.mmap(-1, size), np.uint8)


def _pointer(data: Bytes) -> object:
    return data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
