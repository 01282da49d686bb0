"""Bytes of a text file to text: which encoding they are in, and whether they are text at all."""

from __future__ import annotations

import codecs

from app.errors import AttachmentRefused

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; that of UTF-16 begins the one of UTF-32, so the longer one is tried first."""
_SAMPLE_BYTES = 65536
_MAX_CONTROL_SHARE = 0.05
"""Texts in Windows-1252 have some bytes that Latin-1 takes for control characters."""
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b")
_CONTROLS = frozenset(range(0x20)) - _TEXT_CONTROLS | frozenset(range(0x7F, 0xA0))


def decode(name: str, data: bytes) -> tuple[str, str]:
    """The text and a note on its encoding, "" where it is Unicode.

    Raises:
        AttachmentRefused: The bytes are no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _with_newlines(_decode_marked(name, data, encoding)), ""
    if b"\0" in data[:_SAMPLE_BYTES]:
        raise _binary(name)
    try:
        return _with_newlines(data.decode("utf-8")), ""
    except UnicodeDecodeError:
        pass
    if _looks_binary(data[:_SAMPLE_BYTES]):
        raise _binary(name)
    return _with_newlines(data.decode("latin-1")), "Read as Latin-1, since it is not UTF-8."


def _decode_marked(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise AttachmentRefused(
            f"“{name}” is damaged",
            f"It says that it is {encoding.removesuffix('-sig').upper()}, but byte "
            f"{error.start:,} cannot be read as such.",
            "Open it in a text editor, and save it again as UTF-8.",
        ) from error


def _looks_binary(sample: bytes) -> bool:
    return sum(byte in _CONTROLS for byte in sample) > len(sample) * _MAX_CONTROL_SHARE


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _binary(name: str) -> AttachmentRefused:
    return AttachmentRefused(
        f"“{name}” is not a text",
        "Text and code files, PDF and Word documents (.docx) can be attached; this is none of "
        "them.",
        "Save it as one of these.",
    )
