"""Reads conversations of any program that is known, entry by entry, and says what is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from app.domain.transfer import NO_LIBRARY, CarriedConversation, CarriedLibrary
from app.errors import TransferError
from app.transfer import chatgpt, claude, conclave, jan, lm_studio
from app.transfer.fields import Unreadable, mapping, text
from app.transfer.json_stream import MAX_ENTRY_BYTES, Element, decode
from app.transfer.library import read_library
from app.transfer.sources import READ_ERRORS, Document, documents, thread_of, unreadable

_UNTITLED_LENGTH = 60


class Fault(Struct, frozen=True):
    """What could not be taken over.

    Args:
        where: The entry, as a person finds it in the file.
        reason: A sentence.
        lost: The whole entry is left out; otherwise a part of it is.
    """

    where: str
    reason: str
    lost: bool


class ReadEntry(Struct, frozen=True):
    """One entry of what is imported: a conversation, or why it is none.

    Args:
        fraction: How much of everything has been read with it, from 0 to 1.
        library: What its file says of itself, with the first entry of the file.
    """

    conversation: CarriedConversation | None
    program: str
    faults: tuple[Fault, ...]
    fraction: float
    library: CarriedLibrary = NO_LIBRARY


_Reader = Callable[[Mapping[str, object], datetime], tuple[CarriedConversation, tuple[str, ...]]]
_PROGRAMS: Sequence[tuple[str, Callable[[Mapping[str, object]], bool], _Reader]] = (
    ("ChatGPT", chatgpt.matches, chatgpt.read),
    ("Claude", claude.matches, claude.read),
    ("LM Studio", lm_studio.matches, lm_studio.read),
)


def read_entries(path: Path) -> Iterator[ReadEntry]:
    """The entries of a file, an archive or a folder, in their order.

    Raises:
        TransferError: Nothing in it can be read. A broken entry is no error, but an entry with
            faults.
    """
    now = datetime.now(UTC)
    found = documents(path)
    total = max(1, sum(document.size_bytes for document in found))
    before = n_folders = 0
    for document in found:
        reader = _DocumentReader(document, now, before, total, n_folders)
        yield from reader.entries(path)
        before += document.size_bytes
        n_folders += len(reader.folders)


class _DocumentReader:
    def __init__(
        self, document: Document, now: datetime, before: int, total: int, n_folders: int
    ) -> None:
        self._document = document
        self._now = now
        self._before = before
        self._total = total
        self._read_bytes = 0
        self._head: bytes | None = None
        self._version: int | None = None
        self._n_folders = n_folders
        self.folders: dict[int, int] = {}
        """The numbers of folders in this file, and what they are among those of all files."""

    def entries(self, path: Path) -> Iterator[ReadEntry]:
        """The entries of the document; what breaks off is the fault of the last."""
        try:
            if self._document.is_thread:
                yield self._thread()
            else:
                for element in self._document.elements(self._on_passed):
                    library = self._take_head(path, element.head)
                    yield replace(self._entry(element), library=library)
        except READ_ERRORS as error:
            yield self._broken(self._document.name, str(unreadable(path, error)))

    def _on_passed(self, count: int) -> None:
        self._read_bytes = count

    def _thread(self) -> ReadEntry:
        try:
            thread = thread_of(self._document)
        except ValueError as error:
            return self._broken(self._document.name, f"it is no JSON: {error}")
        found, faults = jan.read(thread, self._document.messages(), self._now)
        self._read_bytes = self._document.size_bytes
        return self._read("Jan", self._document.name, found, faults)

    def _take_head(self, path: Path, data: bytes) -> CarriedLibrary:
        """Read what stands before the entries, once; gives what it says the first time."""
        if self._head is not None:
            return NO_LIBRARY
        self._head = data
        head = _head(data)
        self._version = _version(path, head)
        library = read_library(head) if self._version is not None else NO_LIBRARY
        self.folders = {
            folder.number: self._n_folders + place for place, folder in enumerate(library.folders)
        }
        renumbered = (
            replace(folder, number=self.folders[folder.number]) for folder in library.folders
        )
        return replace(library, folders=tuple(renumbered))

    def _entry(self, element: Element) -> ReadEntry:
        where = f"{self._document.name}, entry {element.number}"
        if not element.whole:
            return self._broken(
                where,
                "it does not end: the file is cut off or damaged here, or the entry is larger than "
                f"{MAX_ENTRY_BYTES >> 20} MB",
            )
        try:
            value = decode(element.data)
            entry = mapping(value)
            if self._version is not None:
                return self._own(where, *conclave.read(entry, self._now))
            for program, matches, read in _PROGRAMS:
                if matches(entry):
                    return self._read(program, where, *read(entry, self._now))
        except Unreadable as error:
            return self._broken(_with_title(where, entry), str(error))
        except ValueError as error:
            return self._broken(where, f"it is no JSON: {error}")
        what = (
            "an object of no program that Conclave knows" if entry else f"no object: {value!r:.40}"
        )
        return self._broken(_with_title(where, entry), f"it is {what}")

    def _own(self, where: str, found: CarriedConversation, faults: Sequence[str]) -> ReadEntry:
        """A conversation of Conclave's own, in its folder."""
        if found.folder is not None and found.folder not in self.folders:
            faults = (*faults, f"its folder {found.folder} is not in the file")
        folder = self.folders.get(found.folder) if found.folder is not None else None
        return self._read("Conclave", where, replace(found, folder=folder), faults)

    def _read(
        self, program: str, where: str, found: CarriedConversation, faults: Sequence[str]
    ) -> ReadEntry:
        if program != "Conclave":
            if not found.messages:
                return self._broken(_named(where, found.title), "it has no messages")
            found = _titled(found)
        named = _named(where, found.title)
        told = tuple(Fault(named, fault, lost=False) for fault in faults)
        return ReadEntry(found, program, told, self._fraction())

    def _broken(self, where: str, reason: str) -> ReadEntry:
        return ReadEntry(None, "", (Fault(where, reason, lost=True),), self._fraction())

    def _fraction(self) -> float:
        return min(1.0, (self._before + self._read_bytes) / self._total)


def _head(data: bytes) -> Mapping[str, object]:
    """What stands before the list of entries; nothing where that cannot be read."""
    try:
        return mapping(decode(data.rpartition(b",")[0] + b"}")) if data else {}
    except ValueError:
        return {}


def _version(path: Path, head: Mapping[str, object]) -> int | None:
    """The version of Conclave's format; None where the file is another program's."""
    version = conclave.version_of(head)
    if version is not None and version > conclave.VERSION:
        raise TransferError(
            "A newer Conclave made this file",
            f"{path} has version {version}, this program knows versions up to {conclave.VERSION}",
            "Install the newest Conclave and import the file with it.",
        )
    return version


def _with_title(where: str, entry: Mapping[str, object]) -> str:
    return _named(where, text(entry.get("title")) or text(entry.get("name")))


def _named(where: str, title: str) -> str:
    return f"“{title:.60}” ({where})" if title else where


def _titled(found: CarriedConversation) -> CarriedConversation:
    """With a title, made from the first message where the source has none."""
    if found.title.strip():
        return found
    words = " ".join(found.messages[0].content.split()) if found.messages else ""
    return replace(found, title=words[:_UNTITLED_LENGTH] or "Untitled")
