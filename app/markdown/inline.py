"""Inline Markdown to spans: emphasis, code, links, formulas, footnotes, pictures as words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.markdown.blocks import PLAIN, Mark, Span
from app.markdown.formulas import tex_of

LIVE_SCHEMES = frozenset({"http", "https", "mailto"})
MAX_INLINE_CHARS = 10_000
"""A longer paragraph is shown as it is written: parsing inline marks is not linear in length."""
MAX_BRACKETS = 500
MAX_ADDRESS_CHARS = 200
MAX_FORMULAS = 100
"""In one paragraph; those after them are shown as their source."""
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
        self._env: dict[str, Any] = {}
        self._labels: set[str] = set()
        self._footnotes: dict[str, int] = {}

    def spans(self, text: str, env: dict[str, Any]) -> tuple[Span, ...]:
        """The spans of an inline text; `env` holds the definitions in force."""
        self._learn(env)
        found = self._cache.get(text)
        if found is None:
            found = self._cache[text] = self._parse(text, env)
        return found

    def footnote_number(self, label: str, env: dict[str, Any]) -> str:
        """What a footnote is called: its number in the order of the definitions."""
        self._learn(env)
        return str(self._footnotes.get(label, label))

    def _learn(self, env: dict[str, Any]) -> None:
        """Forget what was parsed with other definitions; no definition comes after the blocks."""
        if env is self._env and len(self._cache) <= CACHE_SIZE:
            return
        self._env = env
        references, footnotes = env.get("references", {}), env.get("footnotes", {}).get("refs", {})
        known = references == self._references and footnotes.keys() == self._labels
        if known and len(self._cache) <= CACHE_SIZE:
            return
        self._cache.clear()
        if not known:
            self._references = dict(references)
            self._labels = set(footnotes)
            self._footnotes = {
                label.removeprefix(":"): number for number, label in enumerate(footnotes, 1)
            }

    def _parse(self, text: str, env: dict[str, Any]) -> tuple[Span, ...]:
        if len(text) > MAX_INLINE_CHARS or text.count("[") > MAX_BRACKETS:
            return (Span(text),)
        tokens: list[Token] = []
        self._markdown.inline.parse(text, self._markdown, env, tokens)
        return merged(_spans(tokens, self._footnotes))


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Neighbours of the same look joined, empty ones dropped."""
    result: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        last = result[-1] if result else None
        alike = last and last.marks == span.marks and last.href == span.href
        if last and alike and not span.marks & Mark.FORMULA:
            result[-1] = Span(last.text + span.text, span.marks, span.href)
        else:
            result.append(span)
    return tuple(result)


def _spans(tokens: list[Token], footnotes: dict[str, int]) -> list[Span]:
    result: list[Span] = []
    depth = {Mark.EMPHASIS: 0, Mark.STRONG: 0, Mark.STRIKE: 0}
    href = ""
    n_formulas = 0
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
            n_formulas += token.type == "formula"
            if token.type == "footnote_ref":
                result.append(_footnote(str(token.meta["label"]), footnotes))
            elif token.type != "formula" or n_formulas <= MAX_FORMULAS:
                result.append(_leaf(token, marks, href))
            else:
                result.append(Span(token.content, marks, href))
    return result


def _leaf(token: Token, marks: Mark, href: str) -> Span:
    match token.type:
        case "softbreak" | "hardbreak":
            return Span("\n", marks, href)
        case "code_inline":
            return Span(token.content, marks | Mark.CODE, href)
        case "formula":
            display = Mark.DISPLAY if tex_of(token.content)[1] else PLAIN
            return Span(token.content, marks | Mark.FORMULA | display, href)
        case "image":
            return Span(_image_text(token), marks | Mark.IMAGE, href)
        case _:
            return Span(token.content, marks, href)


def _footnote(label: str, numbers: dict[str, int]) -> Span:
    return Span(f"[{numbers.get(label, label)}]", Mark.SUPERSCRIPT, f"#footnote-{label}")


def _image_text(token: Token) -> str:
    source = str(token.attrGet("src") or "")
    if len(source) > MAX_ADDRESS_CHARS:
        source = source[:MAX_ADDRESS_CHARS] + "…"
    alt = "".join(child.content for child in token.children or ())
    return f"{alt} ({source})" if alt else source
