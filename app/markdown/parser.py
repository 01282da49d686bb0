"""The Markdown that Conclave understands."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from mdit_py_plugins.footnote import footnote_plugin

from app.markdown.formulas import formula_plugin

MAX_NESTING = 60
"""markdown-it drops what is nested deeper; such a block is shown as it is written."""
MAX_TABLE_COLUMNS = 100
MAX_TABLE_CELLS = 1_000


def make_parser() -> MarkdownIt:
    """CommonMark with tables, strikethrough, footnotes and formulas, without HTML.

    `InlineParser` does the inline text. Links are let through whatever their scheme and made dead
    later, so that their words are shown.
    """
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    markdown.enable(["table", "strikethrough"])
    markdown.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    footnote_plugin(markdown, inline=False, move_to_end=False)
    formula_plugin(markdown)
    markdown.core.ruler.disable(["inline", "text_join"], ignoreInvalid=True)
    markdown.validateLink = _any_link  # type: ignore[method-assign,assignment]
    return markdown


def _any_link(_url: str) -> bool:
    return True


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """As markdown-it's rule; what is too large to lay out becomes one token, `large_table`."""
    line = state.src[state.bMarks[start] : state.eMarks[start]]
    n_columns = line.strip().strip("|").count("|") + 1
    if silent or "|" not in line:
        return table(state, start, end, silent)
    last = start
    most = start + MAX_TABLE_CELLS // n_columns if n_columns <= MAX_TABLE_COLUMNS else start
    while last < end and last <= most and not state.isEmpty(last):
        last += 1
    if last <= most:
        return table(state, start, end, silent)
    if start + 2 > end or not table(state, start, start + 2, True):
        return False
    while last < end and not state.isEmpty(last) and state.sCount[last] >= state.blkIndent:
        last += 1
    token = state.push("large_table", "table", 0)
    token.content = state.getLines(start, last, state.blkIndent, False)
    token.meta = {"cells": n_columns * max(last - start - 1, 1)}
    token.map = [start, last]
    state.line = last
    return True
