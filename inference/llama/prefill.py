"""Evaluates tokens behind what a context holds, in steps between which it can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

import llama_cpp.llama_cpp as llama

from inference.engine import N_BATCH, PrefillProgress
from inference.llama.model import LoadedModel

CHECKPOINT_BEFORE_END = 16
"""A checkpoint lies so far before a prompt's end: before its last token, whose logits another
answer needs, and before the tokens with which a template opens an answer or its thinking."""
CHECKPOINT_EVERY = 2048
"""While a long prompt is evaluated a checkpoint lies at each multiple of this."""


class Prefill:
    """Evaluates prompts until `is_stopped`.

    The abort callback stands only while it runs: ggml asks it at every node of the graph, which is
    nothing beside a batch of prompt tokens, but would slow single tokens down.

    Args:
        is_stopped: Asked between steps and from ggml's threads; of any speed.
    """

    def __init__(self, is_stopped: Callable[[], bool]) -> None:
        self._is_stopped = is_stopped
        self._callback = llama.ggml_abort_callback(lambda _data: is_stopped())
        self._no_callback = llama.ggml_abort_callback()

    def run(
        self, model: LoadedModel, tokens: list[int], n_done: int
    ) -> Generator[PrefillProgress, None, bool]:
        """Evaluate tokens behind the first `n_done`; returns whether it came to the end."""
        llama.llama_set_abort_callback(model.context, self._callback, None)
        try:
            yield PrefillProgress(n_done, len(tokens))
            for end in _ends(n_done, len(tokens), with_checkpoints=not model.sequence.can_be_cut):
                if self._is_stopped() or not model.evaluate(tokens[n_done:end]):
                    return False
                n_done = end
                if _is_checkpoint(end, len(tokens)):
                    model.sequence.take_checkpoint()
                yield PrefillProgress(n_done, len(tokens))
            return True
        finally:
            llama.llama_set_abort_callback(model.context, self._no_callback, None)


def _ends(n_done: int, n_total: int, *, with_checkpoints: bool) -> Iterator[int]:
    """Where each step ends: after a batch, at a checkpoint, at the prompt's end."""
    while n_done < n_total:
        end = min(n_done + N_BATCH, n_total)
        if with_checkpoints:
            stops = (end, _next_multiple(n_done), n_total - CHECKPOINT_BEFORE_END)
            end = min(stop for stop in stops if stop > n_done)
        yield end
        n_done = end


def _next_multiple(n_done: int) -> int:
    return (n_done // CHECKPOINT_EVERY + 1) * CHECKPOINT_EVERY


def _is_checkpoint(end: int, n_total: int) -> bool:
    return end == n_total - CHECKPOINT_BEFORE_END or end % CHECKPOINT_EVERY == 0
