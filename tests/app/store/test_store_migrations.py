from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.conversations import Conversation, Message, ReplyStats, Role, Status
from app.store import Repository, Store
from app.store.connection import Database
from app.store.migrations import MIGRATIONS, migrate, schema_version

VERSION_1 = (Path(__file__).parent / "data" / "version-1.sql").read_text()


def at(seconds: float) -> datetime:
    microseconds = round(seconds % 1 * 1e6)
    return datetime(2026, 11, 1, 8, 0, int(seconds), microseconds, tzinfo=UTC)


@pytest.fixture
def version_1(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
    return path


def schema(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return sorted(" ".join(row[0].split()) for row in rows)


def test_the_first_migration_is_never_edited(version_1: Path) -> None:
    fresh = Database(sqlite3.connect(":memory:", isolation_level=None))
    migrate(fresh, MIGRATIONS[:1])
    with closing(sqlite3.connect(version_1)) as stored:
        assert schema(fresh.conn) == schema(stored)
    fresh.close()


def test_a_version_1_file_is_read_as_it_was(
    version_1: Path, open_store: Callable[[], Store], sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    store = open_store()
    conversations = store.submit(Repository.conversations).result()
    messages = store.submit(lambda repository: repository.messages(1)).result()
    theme = store.submit(lambda repository: repository.setting("theme")).result()

    assert conversations == [Conversation(1, "Sky", at(0), at(9.5))]
    assert messages == [
        Message(1, 1, None, Role.USER, "Why is the sky blue?", "", Status.COMPLETE, at(0)),
        Message(
            id=3,
            conversation_id=1,
            parent_id=1,
            role=Role.ASSISTANT,
            content="Air scatters blue light.",
            thinking="",
            status=Status.COMPLETE,
            created_at=at(5),
            model="SmolLM2",
            stats=ReplyStats(21, 8, 20, 4.5, 100.0),
        ),
        Message(4, 1, 3, Role.USER, "And the sunset?", "", Status.COMPLETE, at(9.5)),
    ]
    assert theme == "dark"
    assert sql("PRAGMA user_version") == [(len(MIGRATIONS),)]


def add_note(db: Database) -> None:
    db.executescript("ALTER TABLE messages ADD COLUMN note TEXT; UPDATE messages SET note = 'old';")


def fail_halfway(db: Database) -> None:
    db.execute("UPDATE messages SET content = 'lost'")
    db.execute("SELECT * FROM no_such_table")


def test_each_further_step_runs_once(version_1: Path) -> None:
    db = Database(sqlite3.connect(version_1, isolation_level=None))
    steps = (*MIGRATIONS, add_note)

    migrate(db, steps)
    migrate(db, steps)

    assert schema_version(db) == len(MIGRATIONS) + 1
    assert db.execute("SELECT id, note FROM messages").fetchall() == [
        (1, "old"),
        (2, "old"),
        (3, "old"),
        (4, "old"),
    ]
    db.close()


def test_a_failed_step_leaves_what_the_steps_before_made(version_1: Path) -> None:
    db = Database(sqlite3.connect(version_1, isolation_level=None))

    with pytest.raises(sqlite3.OperationalError, match="no_such_table"):
        migrate(db, (*MIGRATIONS, add_note, fail_halfway))

    assert schema_version(db) == len(MIGRATIONS) + 1
    assert db.execute("SELECT content FROM messages WHERE id = 4").fetchall() == [
        ("And the sunset?",)
    ]
    assert not db.conn.in_transaction
    db.close()
