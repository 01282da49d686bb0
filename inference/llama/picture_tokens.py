"""Pictures among token ids: numbers below zero, which no vocabulary has.

A sequence is found again by the prefix it shares with a prompt, so a picture must have the same
ids whenever it is the same picture, seen by the same projector, and others where it is not. They
are made of a digest. The lowest bit of each says whether it takes a position of its own: of a
picture in a model with positions in two dimensions (M-RoPE) fewer positions are used up than
tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import shake_128

import numpy as np

from inference.states.kept import as_tokens

_HIGH_BITS = np.uint32(0x7FFFFFFE)


def chunk_tokens(key: str, index: int, n_tokens: int, n_positions: int) -> list[int]:
    """The ids of one piece of a picture.

    Args:
        key: Names the picture and who sees it.
        index: Which piece of it; large pictures are cut into several.
        n_tokens: How many tokens it has, at least `n_positions`.
        n_positions: How many positions it takes.
    """
    drawn = np.frombuffer(shake_128(f"{key} {index}".encode()).digest(4 * n_tokens), dtype="<u4")
    counts = np.arange(n_tokens) < n_positions
    ids = ((drawn & _HIGH_BITS) | counts).astype(np.int64) - (1 << 31)
    return [int(number) for number in ids]


def positions_of(tokens: Sequence[int]) -> int:
    """How many positions tokens take in a sequence."""
    ids = as_tokens(tokens)
    return int(np.count_nonzero((ids >= 0) | (ids & 1 == 1)))


def n_of_pictures(tokens: Sequence[int]) -> int:
    """How many of the tokens stand for pictures."""
    return int(np.count_nonzero(as_tokens(tokens) < 0))


def words_only(tokens: Sequence[int]) -> list[int]:
    """The tokens without those of pictures."""
    return [token for token in tokens if token >= 0]
