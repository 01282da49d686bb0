"""The connection's own habits; what SQLite does is SQLite's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from app.store.connection import Database


@pytest.fixture
def db() -> Iterator[Database]:
    made = Database(sqlite3.connect(":memory:", isolation_level=None))
    made.execute("CREATE TABLE words (word TEXT UNIQUE)")
    yield made
    made.close()


def words(db: Database) -> list[str]:
    return [row["word"] for row in db.query("SELECT word FROM words ORDER BY word")]


def test_a_failure_inside_takes_back_all_of_it(db: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError), db.atomic():  # noqa: PT012
        db.execute("INSERT INTO words VALUES ('a')")
        db.execute("INSERT INTO words VALUES ('a')")
    assert words(db) == []
    assert not db.conn.in_transaction


def test_a_nested_one_can_fail_alone(db: Database) -> None:
    with db.atomic():
        db.execute("INSERT INTO words VALUES (?)", ["a"])
        with pytest.raises(ZeroDivisionError), db.atomic():  # noqa: PT012
            db.execute("INSERT INTO words VALUES ('b')")
            1 / 0  # noqa: B018
        db.execute("INSERT INTO words VALUES ('c')")
    assert words(db) == ["a", "c"]


def test_a_script_stays_within_the_transaction(db: Database) -> None:
    script = """
        INSERT INTO words VALUES ('a;b');
        CREATE TRIGGER both AFTER INSERT ON words BEGIN
            SELECT 1; SELECT 2;
        END;
        INSERT INTO words VALUES ('c') -- the last one needs no semicolon
    """
    with pytest.raises(ZeroDivisionError), db.atomic():  # noqa: PT012
        db.executescript(script)
        assert words(db) == ["a;b", "c"]
        1 / 0  # noqa: B018
    assert words(db) == []
    assert list(db.query("SELECT name FROM sqlite_master WHERE type = 'trigger'")) == []


def test_a_statement_without_rows_has_no_names(db: Database) -> None:
    assert db.execute("DELETE FROM words").fetchall() == []
