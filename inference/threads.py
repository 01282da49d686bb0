"""How many threads the engine computes with."""

from __future__ import annotations

import os


def default_n_threads() -> int:
    """The physical cores, less one for the window where there are more than two.

    ggml's threads spin at barriers, so a thread that has to share its core slows all the others.
    """
    import psutil  # slow to import, and the window starts without it

    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return cores - 1 if cores > 2 else cores
