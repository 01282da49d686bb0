"""Finds texts by a few of their letters, and says how well they fit."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

_START = 6
_WORD_START = 4
_NEIGHBOUR = 4
_LETTER = 1
_MAX_GAP_COST = 3
_MAX_CHARS = 300
"""Letters further back than this are not looked for."""


class Match(Struct, frozen=True):
    """How well letters fit a text; `places` are where they were found."""

    score: int
    places: tuple[int, ...]


Matcher = Callable[[str], Match | None]


def matcher(letters: str) -> Matcher:
    """What finds texts that hold these letters in this order; spaces between them do not count."""
    wanted = "".join(letters.casefold().split())
    if not wanted:
        return lambda _text: Match(0, ())
    # Most texts do not match: a pattern says so much faster than the search for the best place.
    # What was passed over is never looked at again, or "aaaab" would take ages with "aaaa…".
    holds = re.compile("".join(f"[^{each}]*+{each}" for each in map(re.escape, wanted)))

    def match(text: str) -> Match | None:
        folded = _folded(text)
        return _best(wanted, text, folded) if holds.match(folded) else None

    return match


@lru_cache(maxsize=20_000)
def _folded(text: str) -> str:
    """Case folded letter by letter, so that places stay where they are."""
    lower = text[:_MAX_CHARS].lower()
    return lower if len(lower) == len(text[:_MAX_CHARS]) else text[:_MAX_CHARS]


def _best(wanted: str, text: str, folded: str) -> Match:
    """The best of the ways that begin at each place where the first letter stands."""
    best: Match | None = None
    start = folded.find(wanted[0])
    tries = 0
    while start >= 0 and tries < 12:
        # Who prefers starts of words may come behind the last of the letters that follow.
        found = _from(start, wanted, text, folded, _next) or _from(
            start, wanted, text, folded, _first
        )
        if found is None:
            break
        if best is None or found.score > best.score:
            best = found
        start = folded.find(wanted[0], start + 1)
        tries += 1
    assert best is not None
    return best


def _from(
    start: int, wanted: str, text: str, folded: str, following: Callable[..., int]
) -> Match | None:
    places = [start]
    score = _worth(start, text, None)
    for letter in wanted[1:]:
        place = following(letter, text, folded, places[-1])
        if place < 0:
            return None
        score += _worth(place, text, places[-1])
        places.append(place)
    # Of two texts that fit alike, the shorter one holds less that was not asked for.
    return Match(score * 100 - min(len(text), 99), tuple(places))


def _first(letter: str, _text: str, folded: str, after: int) -> int:
    """The next place of a letter."""
    return folded.find(letter, after + 1)


def _next(letter: str, text: str, folded: str, after: int) -> int:
    """The next place of a letter: the neighbour, or else the start of a word, or else any."""
    first = folded.find(letter, after + 1)
    if first <= after + 1:
        return first
    place = first
    while place >= 0:
        if _starts_word(place, text):
            return place
        place = folded.find(letter, place + 1)
    return first


def _worth(place: int, text: str, before: int | None) -> int:
    worth = _LETTER
    if place == 0:
        worth += _START
    elif _starts_word(place, text):
        worth += _WORD_START
    if before is not None:
        gap = place - before - 1
        worth += _NEIGHBOUR if gap == 0 else -min(gap, _MAX_GAP_COST)
    return worth


def _starts_word(place: int, text: str) -> bool:
    return place == 0 or not text[place - 1].isalnum()
