"""The few words of a message around the place that was searched for."""

from __future__ import annotations

import re

from app.domain.search import Mark, Query

LENGTH = 160
_BEFORE = 40
"""Characters shown in front of the place, about half a line."""
_MARKUP = re.compile(r"\*\*|~~|`+|^#{1,6} ", re.MULTILINE)


def excerpt(text: str, place: Mark, query: Query) -> tuple[str, tuple[Mark, ...]]:
    """Cut out about `LENGTH` characters around a place.

    Returns:
        One line, with "…" where text was left out, and where the query occurs in it. Marks of
        Markdown are left out, unless they are looked for.
    """
    start = max(place[0] - _BEFORE, 0)
    end = min(max(start + LENGTH, place[1]), len(text))
    start = _word_start(text, start, place[0])
    body = text[start : min(end, start + 3 * LENGTH)]
    if not _MARKUP.search(query.phrase):
        body = _MARKUP.sub("", body)
    body = " ".join(body.split())
    line = ("… " if start > 0 else "") + body + (" …" if end < len(text) else "")
    return line, tuple(query.marks(line))


def _word_start(text: str, start: int, limit: int) -> int:
    """The beginning of the next word, unless that is behind the place itself."""
    if start == 0 or text[start - 1].isspace():
        return start
    for position in range(start, limit):
        if text[position].isspace():
            return position + 1
    return start
