"""Titles of conversations."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 60
_QUOTES = "\"'`*_“”„‘’«»「」『』《》"
_DECORATION = re.compile(
    rf"^(\s|#+\s|[-•]\s|[{_QUOTES}]|(the )?(conversation )?(title|titel|titre|título)\s*[:：]\s*"
    rf"|标题\s*[:：]\s*)|([{_QUOTES}]|[.。,;:]|\s)$",
    re.IGNORECASE,
)
"""What stands around a title; the quotes of `it's` are inside."""


def title_from(text: str) -> str:
    """The title of a conversation that starts with this message: its first line, kept short."""
    return _shortened(_first_line(text)) or "New conversation"


def title_from_model(text: str) -> str:
    """The title in what a model wrote when it was asked for one; "" where there is none.

    Models put titles in quotation marks, in headings, behind "Title:", or end them with a stop.
    """
    line = _first_line(text)
    before = ""
    while line != before:
        before = line
        line = _DECORATION.sub("", line)
    has_letters = any(unicodedata.category(c)[0] in "LN" for c in line)
    return _shortened(line) if has_letters else ""


def clean_title(text: str) -> str:
    """A title as a person typed it, on one line."""
    return " ".join(text.split())[:200]


def _first_line(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return " ".join(next((line for line in lines if line), "").split())


def _shortened(line: str) -> str:
    if len(line) <= MAX_LENGTH:
        return line
    # One character is left for the ellipsis.
    cut = line[:MAX_LENGTH]
    head, space, _rest = cut.rpartition(" ")
    return (head if space else cut[:-1]).rstrip(" ,;:.-") + "…"
