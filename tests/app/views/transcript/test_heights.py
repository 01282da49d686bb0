"""The index of heights against plain sums."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.views.transcript.heights import HeightIndex

HEIGHTS = st.lists(st.integers(1, 50), min_size=1, max_size=40)


def check(index: HeightIndex, heights: list[int]) -> None:
    assert index.total == sum(heights)
    assert [index.top(row) for row in range(len(heights))] == [
        sum(heights[:row]) for row in range(len(heights))
    ]
    by_pixel = [row for row, height in enumerate(heights) for _ in range(height)]
    assert [index.row_at(y) for y in range(len(by_pixel))] == by_pixel
    assert index.row_at(-5) == 0
    assert index.row_at(len(by_pixel) + 5) == len(heights) - 1


@given(HEIGHTS, st.data())
def test_agrees_with_sums(heights: list[int], data: st.DataObject) -> None:
    index = HeightIndex(heights)
    check(index, heights)
    row = data.draw(st.integers(0, len(heights) - 1))
    heights[row] = index[row] = 77
    check(index, heights)
    index.insert(row, [5, 6])
    heights[row:row] = [5, 6]
    check(index, heights)
    index.remove(row, row + 1)
    del heights[row : row + 2]
    check(index, heights)


def test_empty() -> None:
    index = HeightIndex()
    assert (len(index), index.total, index.row_at(10)) == (0, 0, 0)
