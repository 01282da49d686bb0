"""Where pictures stand in a prompt's text, and words in their place where they cannot be seen.

A template sees a mark for each picture, as a part of the message's words. What it writes is cut at
the marks, and the tokens of the pictures take their place. Marks begin with random digits that are
drawn for each process, so that no text from outside can contain one.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import takewhile

from msgspec.structs import replace

from inference.engine import ChatMessage, Picture
from inference.errors import CannotSeePictures

_OPENING = f"<picture-{secrets.token_hex(8)}-"
_MARK = re.compile(f"{_OPENING}([0-9a-f]{{32}})>")


def digest(picture: Picture) -> str:
    """What identifies a picture: 32 hexadecimal digits made of its bytes."""
    return blake2b(picture.data, digest_size=16).hexdigest()


def mark(picture: Picture) -> str:
    """What stands for a picture in a text."""
    return f"{_OPENING}{digest(picture)}>"


def with_marks(message: ChatMessage) -> str:
    """A message's words behind the marks of its pictures, each on a line of its own."""
    return "\n".join([*map(mark, message.pictures), message.content])


def parts(text: str) -> Iterator[tuple[str, str]]:
    """A text cut at its marks: pairs of words and the digest of the picture behind them, or ""."""
    cut = _MARK.split(text)
    yield from zip(cut[::2], [*cut[1::2], ""], strict=True)


def pictures_of(messages: Iterable[ChatMessage]) -> tuple[Picture, ...]:
    """All pictures of messages, in their order."""
    return tuple(picture for message in messages for picture in message.pictures)


def in_words(messages: Iterable[ChatMessage]) -> tuple[ChatMessage, ...]:
    """The same messages for a reader that sees no pictures: each is named in its place."""
    return tuple(_told(message) if message.pictures else message for message in messages)


def _told(message: ChatMessage) -> ChatMessage:
    names = (f": {picture.name}" if picture.name else "" for picture in message.pictures)
    lines = [*(f"[A picture that you cannot see{name}]" for name in names), message.content]
    return replace(message, content="\n".join(lines), pictures=())


def check_question(messages: Sequence[ChatMessage], model: str) -> None:
    """See that what is asked now can be answered by a model that sees no pictures.

    Pictures of earlier turns are no hindrance: another model has answered those.

    Raises:
        CannotSeePictures: The question has pictures.
    """
    asked = takewhile(lambda message: message.role == "user", reversed(messages))
    count = len(pictures_of(asked))
    if count:
        what = "a picture" if count == 1 else f"{count} pictures"
        raise CannotSeePictures(
            "This model cannot see pictures",
            f"The question has {what}, and {model} has no projector: there is no file mmproj*.gguf "
            "for it beside it.",
            "Choose a model that sees pictures, put its projector into its folder, or remove the "
            "picture.",
        )
