"""Titles as lists and windows show them."""

from __future__ import annotations


def shown_title(title: str) -> str:
    """A title on one line; what would stay unseen in it, or turn it round, is made visible."""
    if title.isprintable():
        return title
    from app.markdown import clean  # few titles need it, and the window starts without it

    return " ".join(clean(title).split())
