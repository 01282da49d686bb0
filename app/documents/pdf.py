"""The text of a PDF, page by page."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError

from app.errors import AttachmentRefused


def read_pdf(name: str, data: bytes, progress: Callable[[float], object]) -> tuple[str, str]:
    """The text, pages apart by an empty line, and a note on their number.

    Raises:
        AttachmentRefused: It is protected by a password or damaged.
    """
    try:
        reader = PdfReader(BytesIO(data))
        _unlock(name, reader)
        n_pages = len(reader.pages)
        pages = []
        for number, page in enumerate(reader.pages, start=1):
            pages.append(page.extract_text().strip())
            progress(number / n_pages)
    except AttachmentRefused:
        raise
    except MemoryError:
        raise
    except Exception as error:  # pypdf meets damage with errors of many kinds, not only its own
        raise AttachmentRefused(
            f"“{name}” is damaged",
            f"Its pages cannot be read ({type(error).__name__}: {error}).",
            "Open it in a PDF viewer, and print or save it as a PDF again.",
        ) from error
    text = "\n\n".join(page for page in pages if page)
    return text, _note(n_pages, sum(not page for page in pages))


def _unlock(name: str, reader: PdfReader) -> None:
    """Open it where nothing but printing or copying is restricted: the password is empty then."""
    if not reader.is_encrypted:
        return
    try:
        opened = reader.decrypt("") is not PasswordType.NOT_DECRYPTED
    except DependencyError:  # it wants AES, for which pypdf needs a further library
        opened = False
    if not opened:
        raise AttachmentRefused(
            f"“{name}” is protected",
            "The PDF is encrypted, and its text cannot be read without the password.",
            "Open it in a PDF viewer, print it to a new PDF without protection, and attach that.",
        )


def _note(n_pages: int, n_empty: int) -> str:
    note = "1 page." if n_pages == 1 else f"{n_pages:,} pages."
    return f"{note} {n_empty:,} of them without text." if n_empty else note
