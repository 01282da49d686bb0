"""Joins the text of tokens that come fast, so that the pipe carries parcels instead of tokens.

Each line that crosses costs both processes a wake-up on the cores that compute. Waiting needs no
timer: text is held only while tokens come faster than the interval, so the next one is never far.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from inference.engine import Event, SummaryDelta, TextDelta, ThinkingDelta

INTERVAL_S = 0.03


def coalesced(
    events: Iterable[Event],
    interval_s: float = INTERVAL_S,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Event]:
    """The same events with neighbouring deltas of one kind joined.

    A delta that comes `interval_s` or longer after the last one given out is given out at once.
    Nothing overtakes anything else, and what was held comes out before an error of `events`.
    """
    held: TextDelta | ThinkingDelta | SummaryDelta | None = None
    given_at = float("-inf")
    for event in _with_error(events):
        if held is not None and type(held) is not type(event):
            yield held
            held = None
        if isinstance(event, Exception):
            raise event
        if not isinstance(event, TextDelta | ThinkingDelta | SummaryDelta):
            yield event
            continue
        held = event if held is None else type(event)(held.text + event.text)
        now = clock()
        if now - given_at >= interval_s:
            given_at = now
            yield held
            held = None
    if held is not None:
        yield held


def _with_error(events: Iterable[Event]) -> Iterator[Event | Exception]:
    """The events, and the error they end in as the last one."""
    try:
        yield from events
    except Exception as error:
        yield error
