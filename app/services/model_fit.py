"""Whether a model file fits the memory of this computer, as the engine would plan it. No Qt."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from inference.errors import ModelError


class Fit(Struct, frozen=True):
    """What a model takes and what is free; both 0 where the file cannot be used.

    Args:
        needed_bytes: Weights, context and buffers, all in the system's memory.
        free_bytes: Of the system's memory. A graphics card comes on top of it.
        problem: Why the file cannot be used, "" where it can.
    """

    needed_bytes: int = 0
    free_bytes: int = 0
    problem: str = ""

    @property
    def fits(self) -> bool:
        """Whether it can be used here, even without a graphics card."""
        return not self.problem and self.needed_bytes <= self.free_bytes


def fit_of(path: Path) -> Fit:
    """Plan a model without loading it; reads its header only, in some tenths of a second."""
    # These are slow to load, and the window needs them for nothing else: not before they are used.
    import psutil

    from inference.gguf_header import read_header
    from inference.memory.attention_memory import CacheOptions
    from inference.memory.context_length import choose_n_ctx
    from inference.memory.placement import PlanOptions, plan
    from inference.model_kind import check_chats

    try:
        header = read_header(path)
        check_chats(header)
    except ModelError as error:
        return Fit(problem=error.title)
    free = psutil.virtual_memory().available
    options = PlanOptions(CacheOptions(choose_n_ctx(header, 0)), free)
    return Fit(plan(header, options).total_bytes, free)
