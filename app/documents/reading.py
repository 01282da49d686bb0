"""From a path to an attachment: checks that cost nothing first, then the reader of the kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from app.documents.docx import read_docx
from app.documents.pdf import read_pdf
from app.documents.picture import read_picture
from app.documents.text import decode
from app.domain.attachments import Attachment, AttachmentKind, size_words
from app.errors import AttachmentRefused

MAX_FILE_BYTES = 25_000_000
MAX_CHARACTERS = 2_000_000
"""About half a million tokens: more than nearly any context holds."""

_PDF, _ZIP, _OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_PDF_HEADER_BYTES = 1024
"""A PDF may begin with other bytes, of which readers look past so many."""
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic")

Progress = Callable[[float], object]


def read_document(path: Path, progress: Progress) -> Attachment:
    """Read a file: its text, or the picture that it is.

    Args:
        path: The file.
        progress: Called with what is done, from 0 to 1, where reading takes steps.

    Raises:
        AttachmentRefused: There is nothing to be had from it; the error says why.
    """
    data = _bytes_of(path)
    return read_data(path, data, progress)


def read_data(path: Path, data: bytes, progress: Progress) -> Attachment:
    """Read what would be in a file of that name; the rest as in `read_document`."""
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith(_PICTURES) or _is_named(path, *_PICTURE_SUFFIXES):
        return read_picture(path.name, data, digest)
    kind, text, note = _text_of(path, data, progress)
    if not text.strip():
        raise _without_text(path, kind)
    if len(text) > MAX_CHARACTERS:
        raise AttachmentRefused(
            f"“{path.name}” has too much text",
            f"It has {len(text):,} characters; at most {MAX_CHARACTERS:,} can be attached.",
            "Attach the part that the question is about.",
        )
    return Attachment(path.name, kind, len(data), digest, text, note)


def _bytes_of(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise _not_a_file(path)
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise AttachmentRefused(
                f"“{path.name}” is too large",
                f"It has {size_words(size)}; at most {size_words(MAX_FILE_BYTES)} can be attached.",
                "Attach the part that the question is about.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise AttachmentRefused(
            f"“{path.name}” cannot be read",
            error.strerror or str(error),
            "Look whether you may open the file, then try again.",
        ) from error
    if not data:
        raise AttachmentRefused(
            f"“{path.name}” is empty", "The file has 0 bytes.", "Attach another file."
        )
    return data


def _text_of(path: Path, data: bytes, progress: Progress) -> tuple[AttachmentKind, str, str]:
    """The kind, the text and a note."""
    if _PDF in data[:_PDF_HEADER_BYTES] and (data.startswith(_PDF) or _is_named(path, ".pdf")):
        return AttachmentKind.PDF, *read_pdf(path.name, data, progress)
    if data.startswith(_ZIP) and _is_named(path, ".docx"):
        return AttachmentKind.DOCX, *read_docx(path.name, data)
    if _is_named(path, ".pdf", ".docx"):
        raise _no_such_document(path, data)
    return AttachmentKind.TEXT, *decode(path.name, data)


def _is_named(path: Path, *suffixes: str) -> bool:
    return path.suffix.lower() in suffixes


def _not_a_file(path: Path) -> AttachmentRefused:
    if path.is_dir():
        return AttachmentRefused(
            f"“{path.name}” is a folder", "Only files can be attached.", "Choose files inside it."
        )
    return AttachmentRefused(
        f"“{path.name}” is not there",
        f"There is no file at {path}.",
        "It may have been moved or renamed. Choose it again.",
    )


def _no_such_document(path: Path, data: bytes) -> AttachmentRefused:
    if data.startswith(_OLE):
        return AttachmentRefused(
            f"“{path.name}” cannot be opened",
            "It is protected by a password, or was written by a Word from before 2007.",
            "Save it again without a password, as a Word document (.docx) of today.",
        )
    kind = "PDF" if _is_named(path, ".pdf") else "Word document"
    return AttachmentRefused(
        f"“{path.name}” is damaged",
        f"Its name says {kind}, but it does not begin like one.",
        f"Open it in the program that made it, and save it again as a {kind}.",
    )


def _without_text(path: Path, kind: AttachmentKind) -> AttachmentRefused:
    if kind is AttachmentKind.PDF:
        return AttachmentRefused(
            f"“{path.name}” has no text",
            "Its pages are pictures, as a scanner makes them.",
            "Let a program with text recognition (OCR) make a PDF with text of it.",
        )
    return AttachmentRefused(
        f"“{path.name}” has no text", "There are no words in it.", "Attach another file."
    )
