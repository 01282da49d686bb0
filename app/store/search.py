"""Search through all titles, messages, and what stands beside their words.

The index gives candidates, the newest first; each is looked at again, since a text may hold all
runs of three characters of a word and still not the word. A candidate costs some microseconds,
so the number of those that are looked at is bounded.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from app.domain.search import Found, Hit, Mark, Part, Query
from app.store.asides import ASIDES, Asides, Passage, Words
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
MAX_ASIDE_CHARS = 500_000
"""A file may be as long as thousands of messages: so much of them is looked through."""
N_NEWEST = 600
"""What nearly every message holds, two letters for instance, is in enough of these."""
_MAX_RUNS = 24
"""So many runs of three narrow any query down far enough."""
_MAX_TERMS = 500
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u312f\u31a0-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese and Khmer, Chinese and Japanese: writing without spaces between words."""
_LAST_CHARACTER = "\U0010ffff"

_CANDIDATES = "SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY rowid DESC"
_NEWEST = "SELECT id FROM messages WHERE status <> 'streaming' ORDER BY id DESC LIMIT ?"
_CONVERSATION = "SELECT conversation_id FROM messages WHERE id = ?"
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
        self._words, self._asides = Words(db), Asides(db)
        self._indexes = (SearchIndex(db), SearchIndex(db, ASIDES))

    def built(self) -> float:
        """How much of the messages is indexed, from 0 to 1."""
        return sum(index.built() for index in self._indexes) / len(self._indexes)

    def build_some(self, n_bytes: int) -> float:
        """Index about so much text that is missing; gives what `built` gives then."""
        for index in self._indexes:
            if index.built() < 1.0:
                index.build_some(n_bytes)
                break
        return self.built()

    def find(self, query: Query) -> Found:
        """The best hits, in titles and then in messages.

        Among messages those with the whole phrase come first, then those where words begin with
        the needles, each group with the newest first; behind them all those where only thinking or
        a file has it. A single letter is looked for in titles only: nearly every message has it.
        A sign that is a word by itself, as Chinese ones are, is looked for everywhere.
        """
        if not query.needles:
            return Found(query, ())
        titles = self._titles(query)
        messages = _Collected(self._db, self._reader, query)
        for source in (self._words, self._asides):
            self._look(query, source, messages)
        hits = (*titles[:MAX_TITLES], *messages.best())
        more = messages.more or len(titles) > MAX_TITLES
        return Found(query, hits, more, self.built())

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

    def _look(self, query: Query, source: Words | Asides, messages: _Collected) -> None:
        """Ask an index for the phrase, then for the needles wherever they stand."""
        if len(query.needles) > 1 and len(query.phrase) >= 3:
            messages.take(_all_runs(query.phrase), source)
        long = [needle for needle in query.needles if len(needle) >= 3]
        # Two characters narrow more down than one.
        short = sorted(filter(_is_short, query.needles), key=len, reverse=True)
        if long:
            messages.take(_all_runs(*long), source)
        elif short:
            if isinstance(source, Words):
                messages.take_newest(source)
            if not messages.has_enough:
                messages.take(self._any_run(short[0], source.terms), source)

    def _any_run(self, needle: str, table: str) -> str:
        """All runs of three in the index that begin with these one or two characters."""
        low = after = "".join(map(_folded, needle))
        terms: list[str] = []
        while len(terms) < _MAX_TERMS:
            row = self._db.execute(
                f"SELECT term FROM {table} WHERE term >= ? AND term < ? LIMIT 1",
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
        self._plain = [n.lower() for n in query.needles if n.isascii() and " " not in n]
        self._phrase = query.phrase_pattern()
        self._hits: dict[int, tuple[int, Hit]] = {}
        self._of_conversation: Counter[int] = Counter()
        self._aside_chars = 0
        self.more = False

    def take(self, expression: str, source: Words | Asides) -> None:
        """Look at the newest candidates of an expression until there are enough hits."""
        if not expression or self.has_enough:
            return
        candidates = self._db.execute(_CANDIDATES.format(index=source.index), [expression])
        for n_seen, (key,) in enumerate(candidates):
            if self.has_enough or n_seen >= MAX_CANDIDATES:
                self.more = True
                break
            self._look_at(key, source)
        candidates.close()

    def take_newest(self, source: Words) -> None:
        """Look at the newest messages, whatever they hold."""
        for (key,) in self._db.execute(_NEWEST, [N_NEWEST]).fetchall():
            if self.has_enough:
                self.more = True
                break
            self._look_at(key, source)

    @property
    def has_enough(self) -> bool:
        """Whether no more is looked at."""
        return len(self._hits) >= MAX_HITS or self._aside_chars >= MAX_ASIDE_CHARS

    def best(self) -> list[Hit]:
        """The hits in their order."""
        ranked = sorted(self._hits.items(), key=lambda item: (-item[1][0], -item[0]))
        return [hit for _, (_, hit) in ranked]

    def _look_at(self, key: int, source: Words | Asides) -> None:
        message_id = source.message_of(key)
        if message_id in self._hits:
            return
        conversation = self._db.execute(_CONVERSATION, [message_id]).fetchone()
        if conversation is None:
            return
        if self._of_conversation[conversation[0]] >= PER_CONVERSATION:
            self.more = True
            return
        # Only the text at first: most of what is dropped is dropped here.
        passage = source.passage(key)
        if passage is None:
            return
        if passage.part is not Part.WORDS:
            self._aside_chars += len(passage.text)
        if self._may_hold_all(passage.text):
            found = [pattern.search(passage.text) for pattern in self._patterns]
            if all(found):
                self._add(message_id, passage, [match for match in found if match])

    def _may_hold_all(self, text: str) -> bool:
        """Whether the needles may all be in it; many times as fast as looking for their places."""
        if not text.isascii():
            return True
        small = text.lower()
        return all(needle in small for needle in self._plain)

    def _add(self, message_id: int, passage: Passage, found: list[re.Match[str]]) -> None:
        row = next(iter(self._db.query(_MESSAGE, [message_id])), None)
        if row is None:
            # In the bin.
            return
        message = self._reader.message(row)
        rank, place = self._rank(passage, found)
        line, marks = excerpt(passage.text, place, self._query)
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
                part=passage.part,
                file=passage.file,
            ),
        )

    def _rank(self, passage: Passage, found: list[re.Match[str]]) -> tuple[int, Mark]:
        """How good a message is, and its best place."""
        text = passage.text
        phrase = self._phrase.search(text)
        best = phrase or found[0]
        begins = all(_begins_word(text, match.start()) for match in found)
        is_words = passage.part is Part.WORDS
        return 4 * is_words + 2 * (phrase is not None) + begins, best.span()


def _begins_word(text: str, position: int) -> bool:
    """Whether a word begins there; in writing without spaces one may begin anywhere."""
    if position == 0 or _UNSPACED.match(text, position):
        return True
    return not text[position - 1].isalnum()


def _is_short(needle: str) -> bool:
    """Whether it is too short for a run of three, and says enough to be looked for."""
    return len(needle) == 2 or (not needle.isascii() and not _has_case(needle))


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
