"""Evaluates tokens behind what a context holds, in steps between which it can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator

from inference.engine import PrefillProgress
from inference.llama.model import LoadedModel

CHECKPOINT_BEFORE_END = 16
"""A checkpoint lies so far before a prompt's end: before its last token, whose logits another
answer needs, and before the tokens with which a template opens an answer or its thinking."""
CHECKPOINT_EVERY = 2048
"""While a long prompt is evaluated a checkpoint lies at each multiple of this."""


class Prefill:
    """Evaluates prompts until `is_stopped`.

    A step that is stopped in its middle is dropped; a step is one micro-batch, so what was
    evaluated before it stays.

    Args:
        is_stopped: Asked between steps and from ggml's threads; of any speed.
    """

    def __init__(self, is_stopped: Callable[[], bool]) -> None:
        self._is_stopped = is_stopped

    def run(
        self, model: LoadedModel, tokens: list[int], n_done: int
    ) -> Generator[PrefillProgress, None, bool]:
        """Evaluate tokens behind the first `n_done`; returns whether it came to the end."""
        step = model.params.step_tokens
        pieces = _pieces(model, tokens, n_done)
        ends = _ends(n_done, pieces, step, with_checkpoints=not model.sequence.can_be_cut)
        with model.watch.on(self._is_stopped):
            yield PrefillProgress(n_done, len(tokens))
            for end in ends:
                if self._is_stopped() or not model.evaluate(tokens[n_done:end]):
                    return False
                n_done = end
                if _is_checkpoint(end, len(tokens)):
                    model.sequence.take_checkpoint()
                yield PrefillProgress(n_done, len(tokens))
            return True


def _pieces(model: LoadedModel, tokens: list[int], start: int) -> Iterator[tuple[int, bool]]:
    """Where words and pieces of pictures end, and whether it is a picture that ends there."""
    while start < len(tokens):
        if tokens[start] < 0:
            start += model.picture_length(tokens[start])
            yield start, True
            continue
        while start < len(tokens) and tokens[start] >= 0:
            start += 1
        yield start, False


def _ends(
    n_done: int, pieces: Iterable[tuple[int, bool]], step: int, *, with_checkpoints: bool
) -> Iterator[int]:
    """Where each step ends: after a batch, at a checkpoint, at either end of a picture."""
    found = list(pieces)
    n_total = found[-1][0] if found else n_done
    for stop, is_picture in found:
        if is_picture:
            n_done = stop
            yield n_done
        while n_done < stop:
            end = min(n_done + step, stop)
            if with_checkpoints:
                stops = (end, _next_multiple(n_done), n_total - CHECKPOINT_BEFORE_END)
                end = min(stop for stop in stops if stop > n_done)
            yield end
            n_done = end


def _next_multiple(n_done: int) -> int:
    return (n_done // CHECKPOINT_EVERY + 1) * CHECKPOINT_EVERY


def _is_checkpoint(end: int, n_total: int) -> bool:
    return end == n_total - CHECKPOINT_BEFORE_END or end % CHECKPOINT_EVERY == 0
