"""Files that a message carries: what they are called, and what was read from them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

MAX_PIXELS = 65_535
"""On an edge of a picture; one that says it has more is shown by its name."""


class AttachmentKind(StrEnum):
    """What a file was, and so how its content was found."""

    TEXT = "text"
    PDF = "pdf"
    DOCX = "docx"
    PICTURE = "picture"


class Attachment(Struct, frozen=True):
    """One file as it was when it was attached; the file itself is not looked at again.

    Args:
        name: Its name without folders.
        kind: How its text was found.
        size_bytes: Size of the original file.
        sha256: Of the original file, in hexadecimal digits.
        text: What the model reads; "" of a picture.
        note: What a person should know about the text, "" where there is nothing.
        data: What the model sees: a picture as a PNG or JPEG file, the right way up and no larger
            than a model can use.
        preview: The same, small, for the window.
        width: Of `data`, in pixels.
        height: The same.
    """

    name: str
    kind: AttachmentKind
    size_bytes: int
    sha256: str
    text: str
    note: str = ""
    data: bytes = b""
    preview: bytes = b""
    width: int = 0
    height: int = 0

    @property
    def is_picture(self) -> bool:
        """Whether it is seen and not read."""
        return self.kind is AttachmentKind.PICTURE


def size_words(size_bytes: int) -> str:
    """A size as a person reads it: "512 bytes", "1.2 KB", "3.4 MB"."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.1f} KB"
    return f"{size_bytes / 1_000_000:.1f} MB"
