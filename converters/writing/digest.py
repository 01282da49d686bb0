"""What tells whether bytes read back are those that were written."""

from __future__ import annotations

import numpy as np
import xxhash
from numpy.typing import NDArray


def digest(data: NDArray[np.uint8]) -> int:
    """64 bits that change with the data: XXH3.

    Args:
        data: Any number of bytes, flat and contiguous.
    """
    state = xxhash.xxh3_64()
    state.update(data.data)  # which, unlike the functions of one call, lets other threads run
    return state.intdigest()
