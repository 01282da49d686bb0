"""Marks a text for translation where it stands, to be translated where it is shown."""

from __future__ import annotations


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """The text itself; lupdate finds it by this function's name.

    Qt's own function of the name does the same, but is typed as giving an object.
    """
    return text
