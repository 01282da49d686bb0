"""The fingerprint of a loaded model's KV states."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import llama_cpp
import llama_cpp.llama_cpp as llama

from inference.engine import Adapter
from inference.gguf_header import GgufHeader
from inference.states.fingerprint import fingerprint, sampled_digest

_WITHOUT_EFFECT = ("n_threads", "n_threads_batch", "no_perf")
"""Parameters that change how fast a state comes, not what it is."""


def state_fingerprint(
    header: GgufHeader, context: llama.llama_context_params, adapters: Sequence[Adapter]
) -> str:
    """What a KV state of this model with these adapters in such a context is bound to.

    Where the layers lie is no part of it: the free memory of a graphics card differs from start to
    start, and llama.cpp refuses a state whose layout is another.

    Raises:
        OSError: A file of the model cannot be read.
    """
    values = {name: getattr(context, name) for name, *_ in context._fields_}
    params = {
        name: value
        for name, value in values.items()
        if isinstance(value, bool | int | float) and name not in _WITHOUT_EFFECT
    }
    changes = tuple(f"{sampled_digest(adapter.path)} {adapter.scale}" for adapter in adapters)
    return fingerprint(header, params, (*_build(), *changes))


@cache
def _build() -> tuple[str, ...]:
    """What names this build of the engine."""
    folder = Path(llama_cpp.__file__).parent / "lib"
    # The wheel holds copies where elsewhere there are links: one of each size is enough.
    libraries = {path.stat().st_size: path for path in folder.iterdir() if path.is_file()}
    digests = sorted(sampled_digest(path) for path in libraries.values())
    info = llama.llama_print_system_info().decode("utf-8", "replace")
    return (str(llama_cpp.__version__), info, *digests)
