"""What a search through all conversations is asked and what it finds."""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum, auto

from msgspec import Struct

from app.domain.conversations import Role

Mark = tuple[int, int]
"""The first character and the one after the last."""

MAX_QUERY = 400
"""Characters of a query that count; nobody types more, but a page can be pasted."""

_NEEDLES = re.compile(r'"([^"]+)"?|([^\s"]+)')


class Query(Struct, frozen=True):
    """What was typed: needles which all have to occur, in any order.

    Needles are parts of words, without regard to case; `"in quotation marks"` is one needle.

    Args:
        phrase: All of it as it was typed; where it occurs as a whole, that is worth more.
    """

    needles: tuple[str, ...]
    phrase: str

    @classmethod
    def parse(cls, text: str) -> Query:
        """The query in a line as it was typed."""
        # What UTF-8 cannot hold is in no message either; at a NUL SQLite takes a query to end.
        text = text[:MAX_QUERY].encode("utf-8", "replace").decode().replace("\0", " ")
        found = [" ".join(quoted.split()) or word for quoted, word in _NEEDLES.findall(text)]
        needles = tuple(dict.fromkeys(needle for needle in found if needle))
        return cls(needles, " ".join(text.replace('"', " ").split()))

    def patterns(self) -> list[re.Pattern[str]]:
        """One for each needle."""
        return [re.compile(_spaced(needle), re.IGNORECASE) for needle in self.needles]

    def phrase_pattern(self) -> re.Pattern[str]:
        """Finds the whole."""
        return re.compile(_spaced(self.phrase), re.IGNORECASE)

    def marks(self, text: str) -> list[Mark]:
        """Where the phrase or a needle occurs in a text, from left to right."""
        if not self.needles:
            return []
        # The longer one where several begin at the same place.
        wanted = sorted({self.phrase, *self.needles}, key=len, reverse=True)
        pattern = re.compile("|".join(map(_spaced, wanted)), re.IGNORECASE)
        return [found.span() for found in pattern.finditer(text)]


class Part(Enum):
    """What of a message something was found in."""

    WORDS = auto()
    THINKING = auto()
    FILE = auto()


class Hit(Struct, frozen=True):
    """A title or a message in which everything was found.

    Args:
        message_id: None where the title was hit.
        role: Who wrote the message.
        excerpt: What of the message is around the best place, on one line; "" for a title.
        marks: Where the needles are in the excerpt, or in the title.
        moment: When the message was written or the conversation last changed, in UTC.
        part: What of the message it was found in; the excerpt is from there.
        file: The name of the file where it was found in one.
    """

    conversation_id: int
    title: str
    message_id: int | None
    role: Role | None
    excerpt: str
    marks: tuple[Mark, ...]
    moment: datetime
    part: Part = Part.WORDS
    file: str = ""


class Found(Struct, frozen=True):
    """The best hits: titles first, then messages.

    Args:
        more: Whether there are others.
        built: How much of the messages the index holds, from 0 to 1.
    """

    query: Query
    hits: tuple[Hit, ...]
    more: bool = False
    built: float = 1.0


def _spaced(words: str) -> str:
    """A pattern for words that may stand on two lines."""
    return r"\s+".join(re.escape(word) for word in words.split())
