from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.coalesce import coalesced
from inference.engine import Event, PrefillProgress, TextDelta, ThinkingDelta

EVENTS = st.lists(
    st.one_of(
        st.builds(TextDelta, st.text(min_size=1, max_size=3)),
        st.builds(ThinkingDelta, st.text(min_size=1, max_size=3)),
        st.builds(PrefillProgress, st.integers(0, 9), st.just(9)),
    ),
    max_size=30,
)


def spelled(events: list[Event]) -> list[object]:
    """Every character by itself, so that joining makes no difference."""
    return [
        item
        for event in events
        for item in (
            [(type(event), character) for character in event.text]
            if isinstance(event, TextDelta | ThinkingDelta)
            else [event]
        )
    ]


@given(EVENTS, st.lists(st.floats(0, 0.05), min_size=30, max_size=30))
def test_nothing_is_lost_or_overtaken(events: list[Event], waits: list[float]) -> None:
    times: Iterator[float] = iter([sum(waits[: count + 1]) for count in range(len(waits))])

    assert spelled(list(coalesced(events, 0.02, lambda: next(times)))) == spelled(events)


def test_fast_tokens_are_joined_and_slow_ones_are_not() -> None:
    times = iter([0.0, 0.005, 0.01, 0.025, 0.5, 0.9])
    words = [TextDelta(letter) for letter in "abcdef"]

    assert list(coalesced(words, 0.02, lambda: next(times))) == [
        TextDelta("a"),
        TextDelta("bcd"),
        TextDelta("e"),
        TextDelta("f"),
    ]


def test_what_was_held_comes_out_before_an_error() -> None:
    def breaking() -> Iterator[Event]:
        yield TextDelta("a")
        yield TextDelta("b")
        raise RuntimeError("broken")

    times = iter([0.0, 0.001])
    stream = coalesced(breaking(), 0.02, lambda: next(times))
    assert [next(stream), next(stream)] == [TextDelta("a"), TextDelta("b")]
    with pytest.raises(RuntimeError):
        next(stream)
