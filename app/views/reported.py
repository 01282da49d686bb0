"""Puts what services and engine say in English into the language of the window.

Their titles and hints are fixed sentences, now and then with a name or a number in them; details
stay as they are. What is not known, or translated already, comes back unchanged.
"""

from __future__ import annotations

import re
from functools import cache

from PySide6.QtCore import QCoreApplication

from app.services.notices import Notice

_CONTEXT = "Engine"
_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")
_SENTENCE_END = re.compile(r"(?<=[.!?]) +")


def translated_notice(notice: Notice) -> Notice:
    """The notice with title and hint in the present language."""
    return Notice(
        translated_sentence(notice.title), notice.detail, translated_sentence(notice.hint)
    )


def translated_sentence(text: str) -> str:
    """A text of `TEXTS`, or several of its sentences in a row, in the present language."""
    if not text:
        return ""
    known = _translated(text)
    if known is not None:
        return known
    first, *rest = _SENTENCE_END.split(text)
    words = _translated(first) or first
    both = QCoreApplication.translate("Engine", "{sentence} {next}")
    for sentence in rest:
        words = both.format(sentence=words, next=_translated(sentence) or sentence)
    return words


def _translated(text: str) -> str | None:
    """The translation of a whole text, None where it is not in the table."""
    if text in _fixed():
        return QCoreApplication.translate(_CONTEXT, text)
    for pattern, source in _patterns():
        if found := pattern.fullmatch(text):
            return QCoreApplication.translate(_CONTEXT, source).format(**found.groupdict())
    return None


@cache
def _fixed() -> frozenset[str]:
    from app.views.reported_texts import TEXTS

    return frozenset(text for text in TEXTS if "{" not in text)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """A pattern for each text with placeholders, which match anything."""
    from app.views.reported_texts import TEXTS  # a long list, and most starts have no news

    return tuple(
        (re.compile(_PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(text)), re.DOTALL), text)
        for text in TEXTS
        if "{" in text
    )
