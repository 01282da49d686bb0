"""The Markdown that Conclave understands."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from app.markdown.emphasis import cjk_emphasis_plugin
from app.markdown.formulas import formula_plugin
from app.markdown.tables import bounded_table

MAX_NESTING = 60
"""markdown-it drops what is nested deeper; such a block is shown as it is written."""


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables, strikethrough, footnotes and formulas, without HTML.

    One for all texts: what it learns of a text it keeps in the `env` that is passed to it.
    `InlineParser` does the inline text. Links are let through whatever their scheme and made dead
    later, so that their words are shown.
    """
    markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    markdown.enable(["table", "strikethrough"])
    markdown.block.ruler.at("table", bounded_table, {"alt": ["paragraph", "reference"]})
    footnote_plugin(markdown, inline=False, move_to_end=False)
    formula_plugin(markdown)
    cjk_emphasis_plugin(markdown)
    markdown.core.ruler.disable(["inline", "text_join"], ignoreInvalid=True)
    markdown.validateLink = _any_link  # type: ignore[method-assign,assignment]
    return markdown


def _any_link(_url: str) -> bool:
    return True
