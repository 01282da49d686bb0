"""How attached files stand in the prompt; `docs/attachments.md` describes the form.

Pictures are no text: they go beside it, and the engine puts them before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.domain.attachments import Attachment
from app.domain.conversations import Message
from inference.engine import Picture

_SHORTEST_FENCE = 3
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def model_text(message: Message) -> str:
    """What the model reads of a message: its files, then its words."""
    return with_attachments(message.content, message.attachments)


def with_attachments(text: str, attachments: Sequence[Attachment]) -> str:
    """A text behind the files that belong to it, pictures left out."""
    files = [file for file in attachments if not file.is_picture]
    count = len(files)
    parts = [_fenced(file, number, count) for number, file in enumerate(files, start=1)]
    return "\n\n".join([*parts, text] if text else parts)


def pictures_of(attachments: Sequence[Attachment]) -> tuple[Picture, ...]:
    """The pictures among files, as the engine takes them."""
    return tuple(Picture(file.data, file.name) for file in attachments if file.is_picture)


def _fenced(attachment: Attachment, number: int, count: int) -> str:
    """One file: a line with its name, then its text in a fence that it cannot close itself."""
    runs = (len(run) for run in re.findall(r"`+", attachment.text))
    fence = "`" * max(_SHORTEST_FENCE, max(runs, default=0) + 1)
    name = _UNPRINTABLE.sub(" ", attachment.name)
    of = f" {number} of {count}" if count > 1 else ""
    return f"Attached file{of}: {name}\n{fence}\n{attachment.text.rstrip()}\n{fence}"
