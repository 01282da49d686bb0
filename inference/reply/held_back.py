"""How much of a text must wait, since it may be the beginning of something."""

from __future__ import annotations

from collections.abc import Sequence


def held_back(text: str, needles: Sequence[str]) -> int:
    """Length of the longest end of `text` with which one of the needles could begin."""
    longest = 0
    for needle in needles:
        for length in range(min(len(needle) - 1, len(text)), longest, -1):
            if text.endswith(needle[:length]):
                longest = length
                break
    return longest
