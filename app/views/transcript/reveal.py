"""Where in a message the words of a search stand, as it is laid out."""

from __future__ import annotations

import re

from app.domain.search import Query
from app.views.transcript.code_piece import CodePiece
from app.views.transcript.document_piece import DocumentPiece
from app.views.transcript.message_item import Entry, MessageItem, Section
from app.views.transcript.piece import Range
from app.views.transcript.selection import Address, Place, Selection


def place_of(item: MessageItem, row: int, query: Query) -> tuple[Selection, int]:
    """What to select in a message, and how far below its top that is.

    What cannot be seen, such as the address behind a link, is not found: then it is the message.
    """
    for pattern in (query.phrase_pattern(), *query.patterns()):
        for entry in item.entries:
            found = _found_in(entry, pattern) if entry.section is Section.TEXT else None
            if found is not None:
                address = Address(row, entry.section, entry.index)
                start, end = found
                marked = Selection(Place(address, start), Place(address, end or start))
                return marked, entry.y + entry.piece.top_of(start)
    return Selection(Place(Address(row, 0, 0), 0), Place(Address(row + 1, 0, 0), 0)), 0


def _found_in(entry: Entry, pattern: re.Pattern[str]) -> Range | None:
    """The range of the first hit in a piece, in the piece's own positions."""
    piece = entry.piece
    if isinstance(piece, CodePiece):
        match = pattern.search(piece.block.text)
        return match.span() if match else None
    if not isinstance(piece, DocumentPiece):
        return None
    # Positions of a document count UTF-16 units.
    text = piece.document.toPlainText()
    match = pattern.search(text)
    return (_units(text[: match.start()]), _units(text[: match.end()])) if match else None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
