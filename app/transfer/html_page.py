"""Conversations as one HTML page that needs nothing else: no scripts, no pictures, no network.

Markdown is rendered with HTML off, so that whatever stands in a message is text on the page, and a
policy in its head forbids the browser to load anything. Pictures are shown as their address.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from app import resources
from app.domain.conversations import Role
from app.domain.transfer import CarriedConversation, CarriedMessage
from app.transfer.markdown_file import attached_words, author, one_line

_MAX_NESTING = 60
_MAX_INLINE_CHARS = 10_000
"""A longer paragraph is shown as it is written: parsing inline marks is not linear in length."""
_MAX_BRACKETS = 500
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page_opening(title: str) -> str:
    """The page down to its first conversation."""
    style = resources.path("export/page.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{_escaped(one_line(title))}</title>\n<style>\n{style}</style></head>\n"
        "<body><main>\n"
    )


def page_closing() -> str:
    """The end of the page."""
    return "</main></body></html>\n"


def article(
    conversation: CarriedConversation, *, with_thinking: bool, folded: bool
) -> Iterator[str]:
    """A conversation, the branch on the screen; folded under its title where it is one of many."""
    title = _escaped(one_line(conversation.title))
    date = f"{conversation.created_at.astimezone():%d %B %Y, %H:%M}"
    if folded:
        yield f'<details class="conversation"><summary>{title} <time>{date}</time></summary>\n'
    else:
        yield f"<h1>{title}</h1>\n<p><time>{date}</time></p>\n"
    for message in conversation.branch():
        yield from _message(message, with_thinking)
    if folded:
        yield "</details>\n"


def _message(message: CarriedMessage, with_thinking: bool) -> Iterator[str]:
    yield f'<section class="{message.role.value}"><h2>{_escaped(author(message))}</h2>\n'
    if message.attachments:
        yield f'<p class="files">{_escaped(attached_words(message))}</p>\n'
    if with_thinking and message.thinking:
        yield f"<details><summary>Thinking</summary>\n{rendered(message.thinking)}</details>\n"
    if message.role is Role.ASSISTANT:
        yield rendered(message.content)
    else:
        yield _as_written(message.content)
    yield "</section>\n"


def rendered(markdown: str) -> str:
    """Markdown as HTML; what nests too deeply to be understood is shown as it is written."""
    parser = _parser()
    environment: EnvType = {}
    tokens = parser.parse(markdown, environment)
    if max((token.level for token in tokens), default=0) >= _MAX_NESTING - 1:
        return _as_written(markdown)
    return str(parser.renderer.render(tokens, parser.options, environment))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.core.ruler.before("inline", "keep_long_text", _keep_long_text)
    parser.add_render_rule("image", _image)
    return parser


def _keep_long_text(state: StateCore) -> None:
    for token in state.tokens:
        long = len(token.content) > _MAX_INLINE_CHARS or token.content.count("[") > _MAX_BRACKETS
        if token.type == "inline" and long:
            token.type, token.tag = "text", ""


def _image(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    place: int,
    _options: OptionsDict,
    _environment: EnvType,
) -> str:
    token = tokens[place]
    words = "".join(child.content for child in token.children or ())
    source = str(token.attrGet("src") or "")
    return f'<span class="picture">{_escaped(f"{words} ({source})" if words else source)}</span>'


def _as_written(text: str) -> str:
    return f'<div class="written">{_escaped(text)}</div>\n'


def _escaped(text: str) -> str:
    return html.escape(text.replace("\0", "\ufffd"))
