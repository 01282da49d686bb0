"""Titles of conversations."""

from __future__ import annotations

MAX_LENGTH = 60


def title_from(text: str) -> str:
    """The title of a conversation that starts with this message: its first line, kept short."""
    lines = (line.strip() for line in text.splitlines())
    first = " ".join(next((line for line in lines if line), "").split())
    if len(first) <= MAX_LENGTH:
        return first or "New conversation"
    # One character is left for the ellipsis.
    cut = first[:MAX_LENGTH]
    head, space, _rest = cut.rpartition(" ")
    return (head if space else cut[:-1]).rstrip(" ,;:.-") + "…"


def clean_title(text: str) -> str:
    """A title as a person typed it, on one line."""
    return " ".join(text.split())[:200]
