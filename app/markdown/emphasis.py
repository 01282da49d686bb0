"""Emphasis and strikethrough beside Chinese, Japanese and Korean, which have no spaces.

CommonMark takes the marks around **注意：** for text where a letter follows, since before a closing
mark punctuation needs a space behind it. Punctuation of these scripts, and their letters beside
other punctuation, are no hindrance here; elsewhere nothing changes.
Source: https://github.com/tats-u/markdown-cjk-friendly/blob/0479eed6cb80fa5d1f90fa9ded46779ac6d535fa/specification.md
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.common.utils import isPunctChar
from markdown_it.rules_inline import StateInline, emphasis, strikethrough

_Rule = Callable[[StateInline, bool], bool]


def cjk_emphasis_plugin(markdown: MarkdownIt) -> None:
    """Teach a parser where such marks may open and close."""
    markdown.inline.ruler.at("emphasis", _friendly(emphasis.tokenize))
    markdown.inline.ruler.at("strikethrough", _friendly(strikethrough.tokenize))


def _friendly(rule: _Rule) -> _Rule:
    def tokenize(state: StateInline, silent: bool) -> bool:
        start, n_before = state.pos, len(state.delimiters)
        if not rule(state, silent):
            return False
        added = state.delimiters[n_before:]
        if added and state.src[start] != "_":
            before, after = (
                state.src[start - 1 : start] or " ",
                state.src[state.pos : state.pos + 1] or " ",
            )
            if _is_cjk(before) or _is_cjk(after):
                for delimiter in added:
                    delimiter.open = delimiter.open or _may_open(before, after)
                    delimiter.close = delimiter.close or _may_open(after, before)
        return True

    return tokenize


def _may_open(outside: str, inside: str) -> bool:
    """Whether a mark between the two may belong to what is inside."""
    if inside.isspace():
        return False
    return not _hinders(inside) or outside.isspace() or _hinders(outside) or _is_cjk(outside)


def _hinders(char: str) -> bool:
    return isPunctChar(char) and not _is_cjk(char)


def _is_cjk(char: str) -> bool:
    """Whether it is a wide character, of letters or punctuation; emoji are wide too."""
    return unicodedata.east_asian_width(char) in "WFH" and unicodedata.category(char) != "So"
