"""Colours of source code, found by Pygments in small slices of time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from PySide6.QtGui import QColor, QFont, QTextCharFormat

from app.views.theme import Theme

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.style import Style as PygmentsStyle
    from pygments.token import _TokenType

MAX_CHARS = 200_000
MAX_LINE_CHARS = 2_000
"""Code beyond these stays in one colour: some lexers are slow on a long line."""

USUAL_NAMES = {
    "bash": "Bash",
    "c": "C",
    "cpp": "C++",
    "css": "CSS",
    "go": "Go",
    "html": "HTML",
    "java": "Java",
    "javascript": "JavaScript",
    "js": "JavaScript",
    "json": "JSON",
    "py": "Python",
    "python": "Python",
    "rust": "Rust",
    "sh": "Bash",
    "sql": "SQL",
    "ts": "TypeScript",
    "typescript": "TypeScript",
    "yaml": "YAML",
}
"""Names of Pygments that are known without it: it comes after the first picture."""


class Run(Struct, frozen=True):
    """Characters [start, end) of the code that look alike."""

    start: int
    end: int
    token: _TokenType


@lru_cache(maxsize=64)
def find_lexer(language: str) -> Lexer | None:
    """The lexer of a language as a code fence names it; None for plain text and unknown ones."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language.lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    return None if lexer.name == "Text only" else lexer


@lru_cache(maxsize=64)
def language_name(language: str) -> str:
    """The language's name as people write it."""
    wanted = language.lower()
    if wanted in USUAL_NAMES:
        return USUAL_NAMES[wanted]
    from pygments.lexers import get_all_lexers

    # Not through the lexer: making one takes long, and colours come later than the name.
    found = (name for name, aliases, *_ in get_all_lexers(plugins=False) if wanted in aliases)
    name = next(found, language)
    return language if name == "Text only" else name


class Highlighting:
    """The colours of one text, worked out a slice at a time."""

    def __init__(self, text: str, language: str) -> None:
        self.runs: list[Run] = []
        self.n_chars = 0
        """How far it has come."""
        self._source = _runs(text, language)
        self.done = False

    def advance(self, budget_s: float) -> bool:
        """Work for about that long; whether it is done."""
        until = time.perf_counter() + budget_s
        for run in self._source:
            self.runs.append(run)
            self.n_chars = run.end
            if time.perf_counter() > until:
                return False
        self.done = True
        return True


def _runs(text: str, language: str) -> Iterator[Run]:
    lexer = find_lexer(language) if language else None
    if lexer is None or len(text) > MAX_CHARS:
        return
    if max(map(len, text.split("\n"))) > MAX_LINE_CHARS:
        return
    position = 0
    for token, value in lexer.get_tokens(text):
        if value.strip():
            yield Run(position, position + len(value), token)
        position += len(value)


class CodeFormats:
    """Character formats of the tokens, in colours that are readable on the theme's code ground."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._formats: dict[_TokenType, QTextCharFormat | None] = {}

    @cached_property
    def _style(self) -> type[PygmentsStyle]:
        from pygments.styles import get_style_by_name

        return get_style_by_name(self._theme.pygments_style)

    def find(self, token: _TokenType) -> QTextCharFormat | None:
        """The format of a token; None where it looks like plain code."""
        if token not in self._formats:
            self._formats[token] = self._make(token)
        return self._formats[token]

    def _make(self, token: _TokenType) -> QTextCharFormat | None:
        from pygments.token import Error

        if token is Error:
            return None
        look = self._style.style_for_token(token)
        if not (look["color"] or look["bold"] or look["italic"]):
            return None
        made = QTextCharFormat()
        if look["color"]:
            ground = self._theme.color("code_ground")
            color = QColor(f"#{look['color']}")
            made.setForeground(readable(color, ground, self._theme.min_contrast))
        if look["bold"]:
            made.setFontWeight(QFont.Weight.DemiBold)
        if look["italic"]:
            made.setFontItalic(True)
        return made


def readable(color: QColor, ground: QColor, least: float) -> QColor:
    """The colour, moved away from the ground until its contrast suffices."""
    lighter = _luminance(ground) < 0.2
    for _ in range(20):
        if contrast(color, ground) >= least:
            break
        target = 255 if lighter else 0
        color = QColor(*(round(c + (target - c) * 0.12) for c in color.getRgb()[:3]))  # type: ignore[index]
    return color


def contrast(one: QColor, other: QColor) -> float:
    """The WCAG contrast ratio of two colours."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color: QColor) -> float:
    parts = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
