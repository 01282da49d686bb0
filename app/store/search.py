"""Search through all titles and messages.

The index gives candidates, the newest first; each is looked at again, since a text may hold all
runs of three characters of a word and still not the word. A candidate costs some microseconds,
so the number of those that are looked at is bounded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.domain.search import Found, Hit, Mark, Query
from app.store.excerpts import excerpt
from app.store.rows import RowReader
from app.store.search_index import SearchIndex

if TYPE_CHECKING:
    from app.store.connection import Database

MAX_HITS = 50
MAX_TITLES = 10
PER_CONVERSATION = 3
"""More hits of one conversation would hide the others; within it there is a search of its own."""
MAX_CANDIDATES = 2_000
_MAX_RUNS = 24
"""So many runs of three narrow any query down far enough."""
_MAX_TERMS = 500
_LAST_CHARACTER = "\U0010ffff"

_CANDIDATES = "SELECT rowid FROM message_index WHERE message_index MATCH ? ORDER BY rowid DESC"
_CONVERSATION = "SELECT conversation_id FROM messages WHERE id = ?"
_CONTENT = "SELECT content FROM messages WHERE id = ?"
_MESSAGE = (
    "SELECT m.*, c.title FROM messages m JOIN conversations c ON c.id = m.conversation_id"
    " WHERE m.id = ? AND c.deleted_at IS NULL"
)
_TITLES = (
    "SELECT id, title, created_at, updated_at, pinned, folder_id, unread FROM conversations"
    " WHERE deleted_at IS NULL AND {conditions} ORDER BY updated_at DESC"
)


class Search:
    """Finds titles and messages."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._reader = RowReader()
        self.index = SearchIndex(db)

    def find(self, query: Query) -> Found:
        """The best hits, in titles and then in messages.

        Among messages those with the whole phrase come first, then those where words begin with
        the needles, each group with the newest first. A single character is looked for in titles
        only: nearly every message has it.
        """
        if not query.needles:
            return Found(query, ())
        titles = self._titles(query)
        messages = _Collected(self._db, self._reader, query)
        for expression in self._expressions(query):
            messages.take(expression)
        hits = (*titles[:MAX_TITLES], *messages.best())
        more = messages.more or len(titles) > MAX_TITLES
        return Found(query, hits, more, self.index.built())

    def _titles(self, query: Query) -> list[Hit]:
        conditions = " AND ".join("title LIKE ? ESCAPE '\\'" for _ in query.needles)
        rows = self._db.query(
            _TITLES.format(conditions=conditions), [_like(needle) for needle in query.needles]
        )
        patterns = query.patterns()
        hits = []
        for row in rows:
            found = self._reader.conversation(row)
            if all(pattern.search(found.title) for pattern in patterns):
                marks = tuple(query.marks(found.title))
                hits.append(Hit(found.id, found.title, None, None, "", marks, found.updated_at))
                if len(hits) > MAX_TITLES:
                    break
        return hits

    def _expressions(self, query: Query) -> Iterator[str]:
        """What the index is asked: for the phrase, then for the needles wherever they stand."""
        if len(query.needles) > 1 and len(query.phrase) >= 3:
            yield _all_runs(query.phrase)
        long = [needle for needle in query.needles if len(needle) >= 3]
        pairs = [needle for needle in query.needles if len(needle) == 2]
        if long:
            yield _all_runs(*long)
        elif pairs:
            yield self._any_run(pairs[0])

    def _any_run(self, pair: str) -> str:
        """All runs of three in the index that begin with these two characters."""
        low = after = "".join(map(_folded, pair))
        terms: list[str] = []
        while len(terms) < _MAX_TERMS:
            row = self._db.execute(
                "SELECT term FROM message_terms WHERE term >= ? AND term < ? LIMIT 1",
                [after, low + _LAST_CHARACTER],
            ).fetchone()
            if row is None:
                break
            terms.append(_quoted(row[0]))
            # Not "greater than the last": for that all its messages would be gone through.
            after = row[0] + "\x01"
        return " OR ".join(terms)


class _Collected:
    """The messages found so far for one query."""

    def __init__(self, db: Database, reader: RowReader, query: Query) -> None:
        self._db = db
        self._reader = reader
        self._query = query
        self._patterns = query.patterns()
        self._phrase = query.phrase_pattern()
        self._hits: dict[int, tuple[int, Hit]] = {}
        self._of_conversation: Counter[int] = Counter()
        self.more = False

    def take(self, expression: str) -> None:
        """Look at the newest candidates of an expression until there are enough hits."""
        if not expression or len(self._hits) >= MAX_HITS:
            return
        candidates = self._db.execute(_CANDIDATES, [expression])
        for n_seen, (message_id,) in enumerate(candidates):
            if len(self._hits) >= MAX_HITS or n_seen >= MAX_CANDIDATES:
                self.more = True
                break
            if message_id not in self._hits:
                self._look_at(message_id)
        candidates.close()

    def best(self) -> list[Hit]:
        """The hits in their order."""
        ranked = sorted(self._hits.items(), key=lambda item: (-item[1][0], -item[0]))
        return [hit for _, (_, hit) in ranked]

    def _look_at(self, message_id: int) -> None:
        conversation = self._db.execute(_CONVERSATION, [message_id]).fetchone()
        if conversation is None:
            return
        if self._of_conversation[conversation[0]] >= PER_CONVERSATION:
            self.more = True
            return
        # Only the text at first: most of what is dropped is dropped here.
        text = str(self._db.execute(_CONTENT, [message_id]).fetchone()[0])
        found = [pattern.search(text) for pattern in self._patterns]
        if all(found):
            self._add(message_id, [match for match in found if match])

    def _add(self, message_id: int, found: list[re.Match[str]]) -> None:
        row = next(iter(self._db.query(_MESSAGE, [message_id])), None)
        if row is None:
            # In the bin.
            return
        message = self._reader.message(row)
        rank, place = self._rank(message.content, found)
        line, marks = excerpt(message.content, place, self._query)
        self._of_conversation[message.conversation_id] += 1
        self._hits[message_id] = (
            rank,
            Hit(
                conversation_id=message.conversation_id,
                title=str(row["title"]),
                message_id=message_id,
                role=message.role,
                excerpt=line,
                marks=marks,
                moment=message.created_at,
            ),
        )

    def _rank(self, text: str, found: list[re.Match[str]]) -> tuple[int, Mark]:
        """How good a message is, and its best place."""
        phrase = self._phrase.search(text)
        best = phrase or found[0]
        begins = all(_begins_word(text, match.start()) for match in found)
        return 2 * (phrase is not None) + begins, best.span()


def _begins_word(text: str, position: int) -> bool:
    return position == 0 or not text[position - 1].isalnum()


def _all_runs(*needles: str) -> str:
    """An expression for texts that hold every run of three characters of all needles."""
    runs = dict.fromkeys(
        needle[start : start + 3] for needle in needles for start in range(len(needle) - 2)
    )
    return " AND ".join(_quoted(run) for run in list(runs)[:_MAX_RUNS])


def _quoted(run: str) -> str:
    doubled = run.replace('"', '""')
    return f'"{doubled}"'


def _folded(character: str) -> str:
    """The small letter, as the index has it."""
    small = character.lower()
    return small if len(small) == 1 else character


def _like(needle: str) -> str:
    """A pattern for LIKE that lets through all that may match.

    LIKE knows no case beyond ASCII: there any character will do, and white space may be longer.
    """
    allowed = {"%": "\\%", "_": "\\_", "\\": "\\\\"}
    parts = (
        "%" if c.isspace() else allowed.get(c, c if c.isascii() or not _has_case(c) else "_")
        for c in needle
    )
    return f"%{''.join(parts)}%"


def _has_case(character: str) -> bool:
    return character.lower() != character.upper()
