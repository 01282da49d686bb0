"""Conversations as one HTML page that needs nothing else: no scripts, no files, no network.

A policy in its head forbids the browser to load anything; pictures that were attached are in it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import count

from app import resources
from app.domain.attachments import Attachment
from app.domain.conversations import Role
from app.domain.transfer import CarriedConversation, CarriedMessage
from app.transfer.html_body import as_written, escaped, rendered
from app.transfer.markdown_file import attached_words, author, one_line

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_PNG = b"\x89PNG"


def page_opening(title: str) -> str:
    """The page down to its first conversation."""
    style = resources.path("export/page.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escaped(one_line(title))}</title>\n<style>\n{style}</style></head>\n"
        "<body><main>\n"
    )


def page_closing() -> str:
    """The end of the page."""
    return "</main></body></html>\n"


class Articles:
    """The conversations of a page.

    Args:
        folded: Each under its title, since it is one of many.
    """

    def __init__(self, *, with_thinking: bool, folded: bool) -> None:
        self._with_thinking = with_thinking
        self._folded = folded
        self._numbers = count(1)

    def pieces(self, conversation: CarriedConversation) -> Iterator[str]:
        """A conversation, the branch on the screen."""
        title = escaped(one_line(conversation.title))
        date = f"{conversation.created_at.astimezone():%d %B %Y, %H:%M}"
        if self._folded:
            yield '<details class="conversation">'
            yield f"<summary>{title} <time>{date}</time></summary>\n"
        else:
            yield f"<h1>{title}</h1>\n<p><time>{date}</time></p>\n"
        for message in conversation.branch():
            yield from self._message(message)
        if self._folded:
            yield "</details>\n"

    def _message(self, message: CarriedMessage) -> Iterator[str]:
        yield f'<section class="{message.role.value}"><h2>{escaped(author(message))}</h2>\n'
        if message.attachments:
            yield f'<p class="files">{escaped(attached_words(message))}</p>\n'
            yield from map(_picture, filter(_is_shown, message.attachments))
        if self._with_thinking and message.thinking:
            yield "<details><summary>Thinking</summary>\n"
            yield f"{self._rendered(message.thinking)}</details>\n"
        if message.role is Role.ASSISTANT:
            yield self._rendered(message.content)
        else:
            yield as_written(message.content)
        yield "</section>\n"

    def _rendered(self, markdown: str) -> str:
        return rendered(markdown, str(next(self._numbers)))


def _is_shown(attachment: Attachment) -> bool:
    return attachment.is_picture and bool(attachment.data)


def _picture(attachment: Attachment) -> str:
    kind = "png" if attachment.data.startswith(_PNG) else "jpeg"
    data = base64.b64encode(attachment.data).decode("ascii")
    name = escaped(one_line(attachment.name))
    return f'<img alt="{name}" src="data:image/{kind};base64,{data}">\n'
