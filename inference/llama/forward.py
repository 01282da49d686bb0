"""A model without a conversation: a text's tokens in, the logits of its positions out.

For measuring and calibrating; it loads the model as the engine does, by a placement.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

import llama_cpp.llama_cpp as llama
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from inference.engine import N_BATCH, ModelParams
from inference.errors import DecodeFailed
from inference.gguf_header import read_header
from inference.llama.backend import Backend
from inference.llama.load_errors import load_error
from inference.llama.loading import context_params
from inference.llama.tokenizing import tokenized
from inference.llama.watch import ABORTED, Watch


class ForwardStopped(Exception):
    """It was cancelled while the model was loaded or evaluated a text."""


class ForwardModel:
    """A loaded model that evaluates one text after the other, each from an empty context.

    Args:
        backend: This process's, whose log has what the load says.
        params: The model; `n_ctx` is the longest text in tokens.
        is_cancelled: Asked often, also from ggml's threads, while it loads and evaluates.
        callback: Called by ggml at the tensors of the graph; see `cb_eval` in `llama.h`.

    Raises:
        ModelError: It cannot be loaded.
        ForwardStopped: It was cancelled.
    """

    def __init__(
        self,
        backend: Backend,
        params: ModelParams,
        is_cancelled: Callable[[], bool],
        callback: llama.ggml_backend_sched_eval_callback | None = None,
    ) -> None:
        header = read_header(params.path)
        context = context_params(replace(params, n_batch=N_BATCH), params.n_ctx)
        if callback is not None:
            context.cb_eval = callback
        self._callback, self._is_cancelled = callback, is_cancelled
        plan = backend.planner.planned(params, header, context)
        backend.log.lines.clear()
        placed = backend.planner.placed_model(plan)
        goes_on = llama.llama_progress_callback(lambda _fraction, _data: not is_cancelled())
        placed.native.progress_callback = goes_on
        self._model = placed.load()
        self._context = llama.llama_init_from_model(self._model, context) if self._model else None
        if not self._context:
            self.close()
            if is_cancelled():
                raise ForwardStopped
            raise load_error(header, list(backend.log.lines), "The model could not be loaded")
        self.params = replace(params, n_ctx=llama.llama_n_ctx(self._context))
        self._vocab = llama.llama_model_get_vocab(self._model)
        self.n_vocab: int = llama.llama_vocab_n_tokens(self._vocab)
        self._batch = llama.llama_batch_init(N_BATCH, 0, 1)
        self._watch = Watch(self._context, is_cancelled, can_be_cut=True)

    def __enter__(self) -> ForwardModel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the model."""
        if self._context:
            llama.llama_batch_free(self._batch)
            llama.llama_free(self._context)
        if self._model:
            llama.llama_model_free(self._model)
        self._context = self._model = None

    @property
    def opening_token(self) -> int | None:
        """What a text of this model begins with; None where nothing is put before it."""
        if not llama.llama_vocab_get_add_bos(self._vocab):
            return None
        return int(llama.llama_vocab_bos(self._vocab))

    def pieces(self) -> list[bytes]:
        """The text of every token, by which two vocabularies are compared."""
        return [
            llama.llama_vocab_get_text(self._vocab, token) or b"" for token in range(self.n_vocab)
        ]

    def tokenize(self, text: str) -> NDArray[np.int32]:
        """Token ids of a whole text, with the model's opening token."""
        return tokenized(self._vocab, text, add_special=True, parse_special=False)

    def evaluate(self, tokens: NDArray[np.int32], first: int) -> NDArray[np.float32]:
        """Evaluate a text from an empty context.

        Args:
            tokens: Shape (n,), at most `n_ctx`.
            first: The first position whose logits are wanted; n: none.

        Returns:
            Logits of the positions from `first` on, shape (n - first, n_vocab).

        Raises:
            DecodeFailed: llama.cpp refused it.
            ForwardStopped: It was cancelled.
        """
        llama.llama_memory_clear(llama.llama_get_memory(self._context), True)
        logits = np.empty((len(tokens) - first, self.n_vocab), np.float32)
        for start in range(0, len(tokens), N_BATCH):
            self._evaluate_step(tokens[start : start + N_BATCH], start, first, logits)
        return logits

    def _evaluate_step(
        self, tokens: NDArray[np.int32], start: int, first: int, logits: NDArray[np.float32]
    ) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for index, token in enumerate(tokens.tolist()):
            batch.token[index] = token
            batch.pos[index] = start + index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = start + index >= first
        with self._watch.on():
            status = llama.llama_decode(self._context, batch)
        if status == ABORTED and self._is_cancelled():
            raise ForwardStopped
        if status != 0:
            raise DecodeFailed(
                "The model could not evaluate the text",
                f"llama_decode: error {status} at token {start:,} of {self.params.n_ctx:,}.",
                "Try again, or measure with a shorter context.",
            )
        wanted = max(start, first)
        n_outputs = start + len(tokens) - wanted
        if n_outputs > 0:
            pointer = llama.llama_get_logits(self._context)
            got = np.ctypeslib.as_array(pointer, (n_outputs, self.n_vocab))
            logits[wanted - first : wanted - first + n_outputs] = got
