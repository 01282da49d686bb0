"""Lets ggml ask, node by node of a graph, whether to go on: so a stop takes effect within a batch.

Each question costs about a microsecond, a thousand of them a token of a small model: too much for
its decoding, and nothing beside a batch of prompt tokens or a token that takes a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import llama_cpp.llama_cpp as llama

ABORTED = 2
"""What `llama_decode` returns when the callback said so; see `llama.h`."""


class Watch:
    """The abort callback of one context.

    Args:
        context: llama.cpp's.
        is_cancelled: Asked from ggml's threads; asking also tells that work moves on.
        can_be_cut: Whether what a batch has left behind can be taken back. A recurrent state
            cannot: there the batch is carried to its end, so that the state stays usable.
    """

    def __init__(self, context: int, is_cancelled: Callable[[], bool], *, can_be_cut: bool) -> None:
        self._context = context
        self._is_cancelled, self._can_be_cut = is_cancelled, can_be_cut
        self._none = llama.ggml_abort_callback()
        self.is_stopped = is_cancelled
        """What is asked at present, for work beside the context that can be stopped as well."""

    def on_context(self, context: int) -> Watch:
        """The same for another context of the same model."""
        return Watch(context, self._is_cancelled, can_be_cut=self._can_be_cut)

    @contextmanager
    def on(self, is_stopped: Callable[[], bool] | None = None) -> Iterator[None]:
        """Let it ask inside of this block; `is_stopped` takes the place of `is_cancelled`."""
        ask, can_be_cut = is_stopped or self._is_cancelled, self._can_be_cut
        self.is_stopped = ask
        callback = llama.ggml_abort_callback(lambda _data: ask() and can_be_cut)
        llama.llama_set_abort_callback(self._context, callback, None)
        try:
            yield
        finally:
            self.is_stopped = self._is_cancelled
            llama.llama_set_abort_callback(self._context, self._none, None)
