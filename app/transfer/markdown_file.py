"""A conversation as a Markdown file: the branch on the screen, each message word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.attachments import size_words
from app.domain.conversations import Role
from app.domain.transfer import CarriedConversation, CarriedMessage

_MARKS = re.compile(r"[\\`*_\[\]<>#|~]")


def markdown_of(conversation: CarriedConversation, *, with_thinking: bool) -> str:
    """The file; thoughts, where they are wanted, as quotes before their answers."""
    return "\n".join(_lines(conversation, with_thinking))


def _lines(conversation: CarriedConversation, with_thinking: bool) -> Iterator[str]:
    yield f"# {one_line(conversation.title)}"
    yield ""
    yield f"*{conversation.created_at.astimezone():%d %B %Y, %H:%M}*"
    for message in conversation.branch():
        yield ""
        yield f"## {author(message)}"
        if message.attachments:
            yield ""
            yield _MARKS.sub(r"\\\g<0>", attached_words(message))
        if with_thinking and message.thinking:
            yield ""
            yield from (f"> {line}".rstrip() for line in message.thinking.splitlines())
        yield ""
        yield message.content
    yield ""


def author(message: CarriedMessage) -> str:
    """Who wrote the message."""
    match message.role:
        case Role.USER:
            return "You"
        case Role.SYSTEM:
            return "System"
        case Role.ASSISTANT:
            return one_line(message.model) or "Assistant"


def attached_words(message: CarriedMessage) -> str:
    """Which files came with a message."""
    files = (
        f"{one_line(each.name)} ({size_words(each.size_bytes)})" for each in message.attachments
    )
    return f"Attached: {', '.join(files)}"


def one_line(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())
