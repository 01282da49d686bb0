"""Finds what can be imported in files, archives and folders, and cuts it into entries.

An archive is read as it is, never unpacked to the disk; names in it are compared, not followed.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from msgspec import Struct

from app.errors import TransferError
from app.transfer.fields import mapping
from app.transfer.json_stream import Element, ElementReader, decode

MAX_MEMBER_BYTES = 8 << 30
"""More than this unpacked is taken for an attack on the disk or the memory."""
_MAX_THREAD_BYTES = 16 << 20
_MAX_FILES = 100_000

_WANTED = re.compile(r"(conversations(-\d+)?|.*\.conversation|thread)\.json", re.IGNORECASE)
"""Files in archives and folders that hold conversations: ChatGPT's and Claude's, LM Studio's and
Jan's. Conclave's own can have any name: they are chosen by themselves."""
_THREAD = "thread.json"
_MESSAGES = "messages.jsonl"


class Document(Struct, frozen=True):
    """A file that holds conversations.

    Args:
        name: What a person knows it by.
        size_bytes: How long it is.
        open: Opens it.
        beside: Opens the file of that name in the same folder; None where there is none.
    """

    name: str
    size_bytes: int
    open: Callable[[], IO[bytes]]
    beside: Callable[[str], IO[bytes] | None]

    def elements(self, passed: Callable[[int], None]) -> Iterator[Element]:
        """Its entries; `passed` is told how many bytes were read so far."""
        with self.open() as stream:
            yield from ElementReader(_Counting(stream, passed)).elements()

    @property
    def is_thread(self) -> bool:
        """Whether it is one of Jan's, whose messages lie beside."""
        return PurePosixPath(self.name).name.lower() == _THREAD

    def messages(self) -> Iterator[bytes]:
        """The lines of the messages of a thread."""
        found = self.beside(_MESSAGES)
        if found is None:
            return
        with found as stream:
            yield from stream


class _Counting:
    """A stream that tells how far it was read."""

    def __init__(self, stream: IO[bytes], passed: Callable[[int], None]) -> None:
        self._stream = stream
        self._passed = passed
        self._count = 0

    def read(self, size: int) -> bytes:
        """Read, and tell."""
        data = self._stream.read(size)
        self._count += len(data)
        self._passed(self._count)
        return data


def documents(path: Path) -> list[Document]:
    """What can be imported from a file, an archive or a folder.

    Raises:
        TransferError: There is nothing, or it cannot be read.
    """
    try:
        if path.is_dir():
            found = _in_folder(path)
        elif zipfile.is_zipfile(path):
            found = _in_archive(path)
        else:
            found = [_file(path, path.name)]
    except (OSError, zipfile.BadZipFile) as error:
        raise unreadable(path, error) from error
    if not found:
        raise TransferError(
            "There are no conversations here that Conclave can read",
            f"{path}: no conversations.json, no *.conversation.json of LM Studio, no thread.json "
            "of Jan",
            "Choose the file or .zip that ChatGPT or Claude sent you, LM Studio's folder of "
            "conversations, Jan's folder of threads, or a file that Conclave exported.",
        )
    return found


def unreadable(path: Path, error: Exception) -> TransferError:
    """The error for a file that cannot be read."""
    reason = getattr(error, "strerror", None) or str(error)
    return TransferError(
        "The file cannot be read",
        f"{path}: {reason}",
        "Check that it is whole and that you may read it; if it was downloaded, download it again.",
    )


def _file(path: Path, name: str) -> Document:
    # Chosen by its messages, a conversation of Jan's is read by its thread all the same.
    if path.name.lower() == _MESSAGES:
        thread = path.with_name(_THREAD)
        if not thread.is_file():
            return Document(_THREAD, 0, lambda: io.BytesIO(b"{}"), lambda _name: path.open("rb"))
        path, name = thread, str(PurePosixPath(name).with_name(_THREAD))

    def beside(other: str) -> IO[bytes] | None:
        found = path.with_name(other)
        return found.open("rb") if found.is_file() else None

    return Document(name, path.stat().st_size, lambda: path.open("rb"), beside)


def _in_folder(folder: Path) -> list[Document]:
    found: list[Document] = []
    for place, path in enumerate(folder.rglob("*.json")):
        if place >= _MAX_FILES:
            break
        if _WANTED.fullmatch(path.name) and path.is_file():
            found.append(_file(path, path.relative_to(folder).as_posix()))
    return sorted(found, key=lambda document: document.name)


def _in_archive(path: Path) -> list[Document]:
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist() if not info.is_dir()}
    found = [
        _member(path, info, members)
        for name, info in sorted(members.items())
        if _WANTED.fullmatch(PurePosixPath(name).name)
    ]
    if not found and len(members) == 1:
        found = [_member(path, info, members) for info in members.values()]
    return found


def _member(path: Path, info: zipfile.ZipInfo, members: Mapping[str, zipfile.ZipInfo]) -> Document:
    if info.file_size > MAX_MEMBER_BYTES:
        raise TransferError(
            "A file in the archive is too large",
            f"{path}: {info.filename} has {info.file_size / 1e9:,.1f} GB, the limit is "
            f"{MAX_MEMBER_BYTES / 1e9:,.1f} GB",
            "Unpack the archive and choose the file in it, if you trust it.",
        )

    def beside(other: str) -> IO[bytes] | None:
        found = members.get(PurePosixPath(info.filename).with_name(other).as_posix())
        return _open_member(path, found) if found else None

    return Document(info.filename, info.file_size, lambda: _open_member(path, info), beside)


def _open_member(path: Path, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.flag_bits & 1:
        raise zipfile.BadZipFile("it is protected with a password")
    with zipfile.ZipFile(path) as archive:
        # It stays readable when the archive is closed.
        return archive.open(info)


READ_ERRORS = (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What reading a damaged file or archive raises."""


def thread_of(document: Document) -> Mapping[str, object]:
    """What a `thread.json` says.

    Raises:
        ValueError: It is no JSON.
    """
    with document.open() as stream:
        return mapping(decode(stream.read(_MAX_THREAD_BYTES)))
