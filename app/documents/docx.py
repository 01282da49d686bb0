"""The text of a Word document: paragraphs and tables in their order."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO

import docx
from docx.document import Document
from docx.table import Table

from app.domain.attachments import size_words
from app.errors import AttachmentRefused

_MAX_UNPACKED_BYTES = 200_000_000
"""A small archive can hold very much of nothing; no document does."""


def read_docx(name: str, data: bytes) -> tuple[str, str]:
    """The text and a note, which is empty.

    Headings are marked as in Markdown; cells of a table stand between bars. Headers, footnotes
    and comments are left out.

    Raises:
        AttachmentRefused: It is damaged.
    """
    try:
        _check_size(name, data)
        text = "\n".join(_lines(docx.Document(BytesIO(data))))
    except (AttachmentRefused, MemoryError):
        raise
    except Exception as error:  # zipfile, lxml and python-docx each have errors of their own
        raise AttachmentRefused(
            f"“{name}” is damaged",
            f"Its text cannot be read ({type(error).__name__}: {error}).",
            "Open it in a word processor, and save it again as a Word document (.docx).",
        ) from error
    return text, ""


def _check_size(name: str, data: bytes) -> None:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _MAX_UNPACKED_BYTES:
        raise AttachmentRefused(
            f"“{name}” is too large",
            f"Unpacked it has {size_words(unpacked)}; at most {size_words(_MAX_UNPACKED_BYTES)} "
            "are read.",
            "Attach the part that the question is about.",
        )


def _lines(document: Document) -> Iterator[str]:
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            for row in part.rows:
                cells = (" ".join(cell.text.split()) for cell in row.cells)
                yield f"| {' | '.join(cells)} |"
            yield ""
            continue
        style = part.style.name if part.style is not None else None
        yield _heading_mark(style or "") + part.text


def _heading_mark(style: str) -> str:
    if style == "Title":
        return "# "
    kind, _, level = style.rpartition(" ")
    return "#" * int(level) + " " if kind == "Heading" and level.isdecimal() else ""
