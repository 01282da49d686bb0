"""Search as one types, in a hundred thousand and in a million messages.

Messages are made of lines of Python's own documentation, put together anew; every eighth is Chinese
in the frequencies of written Chinese, about; every fourth was thought about, and every
hundredth came with a file. Queries are cut out of messages and typed letter by
letter. The larger database takes minutes to make: it is only measured when its name is given.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from pydoc_data.topics import topics
from statistics import median, quantiles

from app import paths
from app.domain.search import Query
from app.services.search import PIECE_BYTES
from app.store import Repository
from app.store.connection import Database
from app.store.database import DEFAULT_TIMEOUT_S, close_database, open_database
from app.store.rows import time_column
from app.store.search import Search
from app.store.transactions import write_transaction
from bench.report import Line

N_MESSAGES = 100_000
N_MANY = 1_000_000
MAX_MS, MAX_MS_OF_MANY = 50.0, 150.0
PER_CONVERSATION = 20
N_QUERIES = 40
LENGTHS = (2, 3, 5, 8, 12, 20, 30)
CHINESE_EVERY = 8
THOUGHT_EVERY, FILE_EVERY = 4, 100
FILE_LINES = 400
HAN = [chr(0x4E00 + number) for number in range(3_000)]
HAN_WEIGHTS = list(accumulate(1 / (number + 5) for number in range(3_000)))


def measure(_model: Path, repetitions: int) -> list[Line]:
    """A hundred thousand messages."""
    return _measure(N_MESSAGES, repetitions)


def measure_many(_model: Path, repetitions: int) -> list[Line]:
    """A million messages."""
    return _measure(N_MANY, repetitions)


def _measure(n_messages: int, repetitions: int) -> list[Line]:
    path = paths.data_dir() / f"search-{n_messages}.db"
    db, _report = open_database(path, DEFAULT_TIMEOUT_S)
    chance = random.Random(1)
    _fill(db, n_messages, chance)
    text_bytes = _size(db, path)
    pieces = list(_build(db))
    all_bytes = _size(db, path)
    typed = [part for query in _queries(db, chance) for part in _typed(query)]
    search = Repository(db).search
    runs = [[_times(search, text) for text in typed] for _ in range(repetitions)]
    clock, cpu = ([[times[kind] for times in run] for run in runs] for kind in (0, 1))
    close_database(db)
    name = f"search in {n_messages:,} messages"
    limit_ms = MAX_MS if n_messages <= N_MESSAGES else MAX_MS_OF_MANY
    return [
        Line(f"{name}, p95 by the clock", [_p95(run) for run in clock], "ms"),
        Line(f"{name}, p95, processor", [_p95(run) for run in cpu], "ms", at_most=limit_ms),
        Line(f"{name}, median, processor", [median(run) for run in cpu], "ms"),
        Line(f"{name}, longest, processor", [max(run) for run in cpu], "ms"),
        Line("index of them, built in", [sum(pieces)], "s"),
        Line("index of them, longest piece", [max(pieces) * 1000], "ms"),
        Line("index of them, against all the rest", [all_bytes / text_bytes - 1], "", 2),
    ]


def _fill(db: Database, n_messages: int, chance: random.Random) -> None:
    """Write messages past the triggers, as if they were older than the index."""
    lines = [line.strip() for text in topics.values() for line in text.splitlines()]
    lines = [line for line in lines if len(line) > 40]
    now = time_column(datetime.now(UTC))
    with write_transaction(db):
        for progress in ("search_progress", "aside_progress"):
            db.execute(f"UPDATE {progress} SET from_id = ?", [n_messages + 1])
        for number in range(1, n_messages // PER_CONVERSATION + 1):
            db.execute(
                "INSERT INTO conversations (title, created_at, updated_at) VALUES (?, ?, ?)",
                [chance.choice(lines)[:50], now, now],
            )
            texts = (_text(number, lines, chance) for _ in range(PER_CONVERSATION))
            db.conn.executemany(
                "INSERT INTO messages (conversation_id, role, status, created_at, content,"
                " thinking) VALUES (?, 'user', 'complete', ?, ?, ?)",
                [
                    (number, now, text, "" if place % THOUGHT_EVERY else _thought(lines, chance))
                    for place, text in enumerate(texts)
                ],
            )
        db.conn.executemany(
            "INSERT INTO attachments (message_id, position, name, kind, size_bytes, sha256,"
            " content) VALUES (?, 0, 'notes.txt', 'text', 0, '', ?)",
            (
                (message_id, "\n".join(chance.choices(lines, k=FILE_LINES)))
                for message_id in range(FILE_EVERY, n_messages + 1, FILE_EVERY)
            ),
        )


def _text(number: int, lines: Sequence[str], chance: random.Random) -> str:
    if number % CHINESE_EVERY == 0:
        return "".join(chance.choices(HAN, cum_weights=HAN_WEIGHTS, k=200))
    return "\n".join(chance.choices(lines, k=chance.choice((1, 3, 12))))


def _thought(lines: Sequence[str], chance: random.Random) -> str:
    return "\n".join(chance.choices(lines, k=6))


def _build(db: Database) -> Iterator[float]:
    """Seconds for each piece."""
    search = Repository(db).search
    done = 0.0
    while done < 1.0:
        began = time.perf_counter()
        done = search.build_some(PIECE_BYTES)
        yield time.perf_counter() - began


def _queries(db: Database, chance: random.Random) -> Iterator[str]:
    """Parts of messages, beginning anywhere."""
    newest = db.execute("SELECT max(id) FROM messages").fetchone()[0]
    for _ in range(N_QUERIES):
        row = db.execute(
            "SELECT content FROM messages WHERE id = ?", [chance.randint(1, newest)]
        ).fetchone()
        start = chance.randrange(40)
        yield row[0][start : start + chance.choice(LENGTHS)]


def _typed(query: str) -> list[str]:
    return [query[:end] for end in range(1, len(query) + 1)]


def _times(search: Search, text: str) -> tuple[float, float]:
    """What one search takes in ms: by the clock, and of the processor."""
    began, began_cpu = time.perf_counter(), time.thread_time()
    search.find(Query.parse(text))
    cpu = time.thread_time() - began_cpu
    return (time.perf_counter() - began) * 1000, cpu * 1000


def _p95(run: list[float]) -> float:
    return quantiles(run, n=20)[-1]


def _size(db: Database, path: Path) -> int:
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return path.stat().st_size
