"""Files that a message carries: what they are called, and the text that was read from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AttachmentKind(StrEnum):
    """How the text of a file was found."""

    TEXT = "text"
    PDF = "pdf"
    DOCX = "docx"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file as it was when it was attached; the file itself is not looked at again.

    Args:
        name: Its name without folders.
        kind: How its text was found.
        size_bytes: Size of the original file.
        sha256: Of the original file, in hexadecimal digits.
        text: What the model reads.
        note: What a person should know about the text, "" where there is nothing.
    """

    name: str
    kind: AttachmentKind
    size_bytes: int
    sha256: str
    text: str
    note: str = ""


def size_words(size_bytes: int) -> str:
    """A size as a person reads it: "512 bytes", "1.2 KB", "3.4 MB"."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.1f} KB"
    return f"{size_bytes / 1_000_000:.1f} MB"
