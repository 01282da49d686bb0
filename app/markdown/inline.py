"""Inline Markdown to spans: emphasis, code, links, pictures as words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.markdown.blocks import PLAIN, Mark, Span

LIVE_SCHEMES = frozenset({"http", "https", "mailto"})
MAX_INLINE_CHARS = 10_000
"""A longer paragraph is shown as it is written: parsing inline marks is not linear in length."""
MAX_BRACKETS = 500
MAX_ADDRESS_CHARS = 200
CACHE_SIZE = 512

_OPENING = {"em_open": Mark.EMPHASIS, "strong_open": Mark.STRONG, "s_open": Mark.STRIKE}
_CLOSING = {"em_close": Mark.EMPHASIS, "strong_close": Mark.STRONG, "s_close": Mark.STRIKE}


def is_live(href: str) -> bool:
    """Whether a link may be followed."""
    try:
        return urlsplit(href).scheme.lower() in LIVE_SCHEMES
    except ValueError:
        return False


class InlineParser:
    """Parses the inline text of blocks and remembers what it has parsed.

    While a list streams, its items are asked for again and again.
    """

    def __init__(self, markdown: MarkdownIt) -> None:
        self._markdown = markdown
        self._cache: dict[str, tuple[Span, ...]] = {}
        self._references: dict[str, Any] = {}

    def spans(self, text: str, env: dict[str, Any]) -> tuple[Span, ...]:
        """The spans of an inline text; `env` holds the link definitions in force."""
        references = env.get("references", {})
        if references != self._references or len(self._cache) > CACHE_SIZE:
            self._cache.clear()
            self._references = dict(references)
        found = self._cache.get(text)
        if found is None:
            found = self._cache[text] = self._parse(text, env)
        return found

    def _parse(self, text: str, env: dict[str, Any]) -> tuple[Span, ...]:
        if len(text) > MAX_INLINE_CHARS or text.count("[") > MAX_BRACKETS:
            return (Span(text),)
        tokens: list[Token] = []
        self._markdown.inline.parse(text, self._markdown, env, tokens)
        return merged(_spans(tokens))


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Neighbours of the same look joined, empty ones dropped."""
    result: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        last = result[-1] if result else None
        if last and last.marks == span.marks and last.href == span.href:
            result[-1] = Span(last.text + span.text, span.marks, span.href)
        else:
            result.append(span)
    return tuple(result)


def _spans(tokens: list[Token]) -> list[Span]:
    result: list[Span] = []
    depth = {Mark.EMPHASIS: 0, Mark.STRONG: 0, Mark.STRIKE: 0}
    href = ""
    for token in tokens:
        if token.type in _OPENING:
            depth[_OPENING[token.type]] += 1
        elif token.type in _CLOSING:
            depth[_CLOSING[token.type]] -= 1
        elif token.type == "link_open":
            target = str(token.attrGet("href") or "")
            href = target if is_live(target) else ""
        elif token.type == "link_close":
            href = ""
        else:
            marks = PLAIN
            for mark, count in depth.items():
                marks |= mark if count else PLAIN
            result.append(_leaf(token, marks, href))
    return result


def _leaf(token: Token, marks: Mark, href: str) -> Span:
    match token.type:
        case "softbreak" | "hardbreak":
            return Span("\n", marks, href)
        case "code_inline":
            return Span(token.content, marks | Mark.CODE, href)
        case "image":
            return Span(_image_text(token), marks | Mark.IMAGE, href)
        case _:
            return Span(token.content, marks, href)


def _image_text(token: Token) -> str:
    source = str(token.attrGet("src") or "")
    if len(source) > MAX_ADDRESS_CHARS:
        source = source[:MAX_ADDRESS_CHARS] + "…"
    alt = "".join(child.content for child in token.children or ())
    return f"{alt} ({source})" if alt else source
