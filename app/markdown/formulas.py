"""Formulas in LaTeX: `$x$` and `\\(x\\)` within text, `$$x$$` and `\\[x\\]` apart from it.

A formula never holds a blank line. Dollars are also money: the next dollar must close what one
opens, no space may touch either from within, and what looks like a price stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from msgspec.structs import replace

from app.markdown.blocks import Cell, Mark, Span, spans_text

MAX_FORMULA_LINES = 100
MAX_FORMULA_CHARS = 4_000

_CLOSING = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}
_PRICE = re.compile(r"\d[\d.,]*\s+[^\W\d_]{2,}")
_PLAIN_WORDS = re.compile(r"[^\\^_={}+<>]*")
_PUNCTUATION = ("", ".", ",", ";", ":", "!", "?")
_SUFFIX = re.compile(r"(?:st|nd|rd|th|s)\b")
_OPENING_LINE = re.compile(r"(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t]|\[\^[^\]\s]+\]:)*+(\$\$|\\\[)")


def formula_plugin(markdown: MarkdownIt) -> None:
    """Teach a parser formulas: the tokens `formula` and `formula_block`."""
    markdown.inline.ruler.before("escape", "formula", _inline_rule)
    interrupts: RuleOptionsType = {
        "alt": ["paragraph", "reference", "blockquote", "list", "footnote_def"]
    }
    markdown.block.ruler.before("fence", "formula_block", _block_rule, interrupts)


def tex_of(source: str) -> tuple[str, bool]:
    """The LaTeX of a formula with delimiters, and whether it stands apart from text."""
    for opening, closing in _CLOSING.items():
        if source.startswith(opening):
            body, _, behind = source[len(opening) :].rpartition(closing)
            return (body + behind).strip(), opening != "\\("
    return source[1:-1], False


def open_formula(lines: Sequence[str]) -> int | None:
    """The line of a formula that text to come may still close, if there may be one.

    A line that closes one formula may open another, so the last of them always counts.
    """
    closed: set[str] = set()
    found = None
    # The last line may be empty only because it has just begun.
    for index in range(len(lines) - 1, max(len(lines) - MAX_FORMULA_LINES, 0) - 1, -1):
        line = lines[index]
        # A line with nothing but ">" is none within a quote, and a part of a formula outside of it.
        if not line.strip() and index < len(lines) - 1:
            break
        match = _OPENING_LINE.match(line)
        if match is not None:
            closing = _CLOSING[match[1]]
            if closing not in closed and closing not in line[match.end() :]:
                found = index
        if index < len(lines) - 1:
            # What closes a formula now may have words behind it soon, and close none.
            closed.update(closing for closing in ("$$", "\\]") if closing in line)
    return found


def _block_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start):
        return False
    found = _block_source(state, start, end)
    if found is None:
        return False
    if not silent:
        source, after = found
        token = state.push("formula_block", "math", 0)
        token.content = source
        token.map = [start, after]
        state.line = after
    return True


def _block_source(state: StateBlock, start: int, end: int) -> tuple[str, int] | None:
    """The source of the formula that a line begins, and the line after it."""
    line = _line(state, start)
    opening = line[:2]
    if opening not in ("$$", "\\["):
        return None
    closing = _CLOSING[opening]
    lines = [line]
    search_from = 2
    for index in range(start + 1, min(end, start + MAX_FORMULA_LINES) + 1):
        place = lines[-1].find(closing, search_from)
        if place >= 0:
            source = "\n".join(lines).rstrip()
            ends = not lines[-1][place + 2 :].strip()
            return (source, index) if ends and tex_of(source)[0] else None
        if index >= end or state.isEmpty(index) or state.sCount[index] < state.blkIndent:
            return None
        lines.append(_line(state, index))
        if lines[-1].startswith("\\["):
            return None
        search_from = 0
    return None


def _line(state: StateBlock, index: int) -> str:
    return state.src[state.bMarks[index] + state.tShift[index] : state.eMarks[index]]


def _inline_rule(state: StateInline, silent: bool) -> bool:
    start = state.pos
    after = formula_end(state.src, start, state.posMax)
    if after is None:
        return False
    if not silent:
        opening = state.src[start : start + 2]
        token = state.push("formula", "math", 0)
        token.content = state.src[start:after]
        token.markup = opening if opening in _CLOSING else "$"
    state.pos = after
    return True


def formula_end(text: str, start: int, end: int) -> int | None:
    """The place behind the formula that begins at `start`; None where none does."""
    opening = text[start : start + 2]
    if opening[:1] == "$" and opening != "$$":
        return _single_dollar(text, start, end)
    if opening in _CLOSING:
        return _delimited(text, start, end, _CLOSING[opening])
    return None


def _delimited(text: str, start: int, end: int, closing: str) -> int | None:
    place = text.find(closing, start + 2, min(end, start + MAX_FORMULA_CHARS))
    if place < 0 or not text[start + 2 : place].strip():
        return None
    return place + len(closing)


def _single_dollar(text: str, start: int, end: int) -> int | None:
    place = start + 1
    limit = min(end, start + MAX_FORMULA_CHARS)
    while True:
        place = text.find("$", place, limit)
        if place < 0:
            return None
        if text[place - 1] != "\\":
            break
        place += 1
    content = text[start + 1 : place]
    before = text[start - 1 : start]
    return place + 1 if _is_formula(before, content, text[place + 1 : place + 4]) else None


def _is_formula(before: str, content: str, after: str) -> bool:
    """Whether what two dollars enclose is mathematics rather than prose between two prices."""
    if not content or content[0].isspace() or content[-1].isspace() or before == "$":
        return False
    if after[:1] in ("$", "{"):
        return False
    if "\\" in content or "^" in content:
        return True
    if _is_ascii_word(before) or (_is_ascii_word(after[:1]) and not _SUFFIX.match(after)):
        return False
    return not (_PRICE.match(content) and _PLAIN_WORDS.fullmatch(content))


def _is_ascii_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def apart(spans: Cell) -> Iterator[Cell | Span]:
    """Runs of text and the formulas that stand apart; a full stop goes with its formula."""
    run: list[Span] = []
    held: Span | None = None
    for span in [*spans, None]:
        if span is not None and not span.marks & Mark.DISPLAY:
            run.append(span)
            continue
        text = spans_text(run).strip()
        if held is not None:
            ends = text in _PUNCTUATION and not any(each.href for each in run)
            yield Span(held.text + text, held.marks) if ends else held
            run = [] if ends else run
        if text and run:
            yield _trimmed(run)
        run, held = [], span


def _trimmed(run: list[Span]) -> Cell:
    """The spans without white space at either end."""
    first, last = run[0], run[-1]
    if not first.marks & Mark.CODE:
        run[0] = replace(first, text=first.text.lstrip())
    if not last.marks & Mark.CODE:
        run[-1] = replace(run[-1], text=run[-1].text.rstrip())
    return tuple(span for span in run if span.text)


def without_formulas(spans: Cell) -> Cell:
    """The spans with formulas as their source."""
    kept = ~(Mark.FORMULA | Mark.DISPLAY)
    return tuple(replace(span, marks=span.marks & kept) for span in spans)
