from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from converters.errors import TextTooShort, TextUnreadable
from converters.measurement.text import pieces_of, read_text


def test_pieces_begin_with_the_opening_token() -> None:
    pieces = pieces_of(np.arange(10, 31, dtype=np.int32), 8, 0, 1)

    assert pieces.tolist() == [[1, *range(11, 18)], [1, *range(19, 26)]]


def test_only_so_many_pieces_as_wanted() -> None:
    assert len(pieces_of(np.zeros(80, np.int32), 8, 3, None)) == 3


def test_a_short_text_is_refused_with_its_length() -> None:
    with pytest.raises(TextTooShort) as caught:
        pieces_of(np.zeros(15, np.int32), 8, 0, None)

    assert "15 tokens" in caught.value.detail


def test_the_byte_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"caf\xe9")

    with pytest.raises(TextUnreadable) as caught:
        read_text(path)

    assert "byte 3 is 0xe9" in caught.value.detail


def test_a_missing_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(TextUnreadable) as caught:
        read_text(tmp_path / "nothing.txt")

    assert "nothing.txt" in caught.value.detail
