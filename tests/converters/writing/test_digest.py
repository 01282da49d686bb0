"""A digest changes with every kind of damage that a disk or memory does to bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from converters.writing.digest import digest

Bytes = NDArray[np.uint8]
_PAGE, _SECTOR, _WORD = 4096, 512, 8


def _exchanged(data: Bytes, size: int, first: int, second: int) -> Bytes:
    data = data.copy()
    left, right = slice(first, first + size), slice(second, second + size)
    data[left], data[right] = data[right].copy(), data[left].copy()
    return data


def _cleared(data: Bytes, size: int, first: int) -> Bytes:
    data = data.copy()
    data[first : first + size] = 0
    return data


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: _cleared(data, _PAGE, 3 * _PAGE),
        lambda data: _cleared(data, _SECTOR, 5000),
        lambda data: _cleared(data, 1, 12345),
        lambda data: _cleared(data, 1, len(data) - 1),
        lambda data: _exchanged(data, _PAGE, 0, 7 * _PAGE),
        lambda data: _exchanged(data, _PAGE, 100, 7 * _PAGE + 100),
        lambda data: _exchanged(data, _SECTOR, 0, _SECTOR),
        lambda data: _exchanged(data, _WORD, 8, 64),
        lambda data: _exchanged(data, _WORD, 8, 8 + _PAGE),
        lambda data: np.roll(data, 1),
        lambda data: np.roll(data, _PAGE),
        lambda data: np.concatenate([data[:_PAGE], data[:-_PAGE]]),
        lambda data: data[:-1],
    ],
)
def test_damage_changes_the_digest(damage: Callable[[Bytes], Bytes]) -> None:
    data = np.random.default_rng(1).integers(0, 256, 10 * _PAGE + 77, np.uint8)

    assert digest(damage(data)) != digest(data)
    assert digest(data.copy()) == digest(data)


def test_every_bit_counts() -> None:
    data = np.random.default_rng(2).integers(0, 256, 2 * _PAGE + 11, np.uint8)
    found = {digest(data)}

    for place in range(len(data)):
        for bit in (1, 128):
            data[place] ^= bit
            found.add(digest(data))
            data[place] ^= bit

    assert len(found) == 1 + 2 * len(data)


def test_it_is_the_published_function() -> None:
    assert digest(np.zeros(0, np.uint8)) == 0x2D06800538D394C2
