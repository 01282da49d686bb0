"""Writes conversations to a file, which is there as a whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from app.domain.transfer import NO_LIBRARY, CarriedConversation, CarriedLibrary
from app.errors import TransferError
from app.transfer import conclave, html_page
from app.transfer.markdown_file import markdown_of, one_line

_UNFIT_FOR_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_NAME_LENGTH = 80


class ExportFormat(StrEnum):
    """What a file of conversations can be."""

    JSON = "json"
    """Everything, to be imported again."""
    MARKDOWN = "markdown"
    HTML = "html"


class ExportOptions(Struct, frozen=True):
    """How conversations are written.

    Args:
        many: A file for any number of conversations; Markdown comes as an archive then.
        with_thinking: Thoughts are written too; JSON always has them.
    """

    format: ExportFormat
    many: bool = False
    with_thinking: bool = False

    @property
    def suffix(self) -> str:
        """What the file's name ends with."""
        if self.format is ExportFormat.MARKDOWN:
            return ".zip" if self.many else ".md"
        return ".json" if self.format is ExportFormat.JSON else ".html"


def file_name(title: str) -> str:
    """A title as the stem of a file's name, on any system."""
    name = _UNFIT_FOR_NAMES.sub(" ", one_line(title))
    return " ".join(name.split())[:_NAME_LENGTH].strip(". ") or "conversation"


def write_export(
    path: Path,
    conversations: Iterable[CarriedConversation],
    options: ExportOptions,
    library: CarriedLibrary = NO_LIBRARY,
) -> None:
    """Write the conversations; where the iterable raises, no file is left.

    Args:
        library: What belongs to no single one of them; only JSON has it.

    Raises:
        TransferError: The file cannot be written.
    """
    with whole_file(path) as file:
        match options.format:
            case ExportFormat.JSON:
                _write_json(file, conversations, library)
            case ExportFormat.HTML:
                _write_page(file, conversations, options)
            case ExportFormat.MARKDOWN if options.many:
                _write_archive(file, conversations, options)
            case ExportFormat.MARKDOWN:
                for conversation in conversations:
                    words = markdown_of(conversation, with_thinking=options.with_thinking)
                    file.write(_encoded(words))


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file beside the wanted one, which takes its place when all has gone well.

    Raises:
        TransferError: The file system refuses.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise TransferError(
            "The file could not be written",
            f"{path}: {error.strerror or error}",
            "Choose another folder, or free some space. No half file was left.",
        ) from error


def _write_json(
    file: BinaryIO, conversations: Iterable[CarriedConversation], library: CarriedLibrary
) -> None:
    file.write(conclave.opening(datetime.now(UTC), library))
    for number, conversation in enumerate(conversations):
        file.write((b",\n" if number else b"") + conclave.line(conversation))
    file.write(conclave.closing())


def _write_page(
    file: BinaryIO, conversations: Iterable[CarriedConversation], options: ExportOptions
) -> None:
    opened = False
    articles = html_page.Articles(with_thinking=options.with_thinking, folded=options.many)
    for conversation in conversations:
        if not opened:
            title = "Conversations" if options.many else conversation.title
            file.write(_encoded(html_page.page_opening(title)))
            file.write(b"<h1>Conversations</h1>\n" if options.many else b"")
            opened = True
        for piece in articles.pieces(conversation):
            file.write(_encoded(piece))
    if not opened:
        file.write(_encoded(html_page.page_opening("Conversations")))
    file.write(_encoded(html_page.page_closing()))


def _write_archive(
    file: BinaryIO, conversations: Iterable[CarriedConversation], options: ExportOptions
) -> None:
    used: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for conversation in conversations:
            date = f"{conversation.created_at.astimezone():%Y-%m-%d}"
            name = stem = f"{date} {file_name(conversation.title)}"
            number = 1
            while name.casefold() in used:
                number += 1
                name = f"{stem} ({number})"
            used.add(name.casefold())
            words = markdown_of(conversation, with_thinking=options.with_thinking)
            archive.writestr(f"{name}.md", _encoded(words))


def _encoded(text: str) -> bytes:
    # Lone surrogates have no place in a file.
    return text.encode("utf-8", "replace")
