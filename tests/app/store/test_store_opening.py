from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.conversations import Message, Status
from app.errors import StoreError, StoreLocked, StoreTooNew
from app.store import Repository, Store
from app.store.migrations import MIGRATIONS

Sql = Callable[..., list[tuple[Any, ...]]]
OpenStore = Callable[[], Store]


def fill(repository: Repository) -> Message:
    conversation = repository.create_conversation("kept")
    return repository.add_user_message(conversation.id, "q", parent_id=None)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def complete(error: BaseException | None, kind: type[StoreError], path: Path) -> StoreError:
    """The error, which is of that kind and tells a person everything."""
    assert isinstance(error, StoreError)
    assert type(error) is kind
    assert error.title
    assert str(path) in error.detail
    assert any(character.isdigit() for character in error.detail.replace(str(path), ""))
    assert error.hint
    return error


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "share" / "a b%20c?d#é" / "conclave.db"
    store = Store(path)
    report = store.opened().result()
    assert (report.set_aside, report.interrupted) == (None, 0)
    store.submit(fill).result()
    store.close()
    assert [file.name for file in path.parent.iterdir()] == ["conclave.db"]


def test_how_the_connection_is_set_up(open_store: OpenStore) -> None:
    def pragmas(repository: Repository) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "user_version")
        execute = repository._db.execute
        return [execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    # 2 is FULL; the timeout is the fixture's 0.2 s.
    assert open_store().submit(pragmas).result() == ["wal", 2, 1, 200, len(MIGRATIONS)]


def test_an_empty_file_is_a_new_database(path: Path, open_store: OpenStore) -> None:
    path.touch()
    store = open_store()
    assert store.opened().result().set_aside is None
    assert store.submit(fill).result().content == "q"


def test_a_newer_database_is_left_alone(path: Path, open_store: OpenStore, sql: Sql) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE future (a); PRAGMA user_version = 7001;")
    before = bytes_of(path.parent)

    error = complete(open_store().opened().exception(), StoreTooNew, path)

    assert "7001" in error.detail
    assert str(len(MIGRATIONS)) in error.detail
    assert bytes_of(path.parent) == before


def test_a_newer_database_with_a_log_is_left_alone(path: Path, open_store: OpenStore) -> None:
    # The version stands in the log only, as after a power cut in the newer program.
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA user_version = 7001")
    left_behind = bytes_of(path.parent)
    connection.close()
    for name, content in left_behind.items():
        (path.parent / name).write_bytes(content)
    assert len(left_behind["conclave.db-wal"]) > 0

    error = open_store().opened().exception()

    assert "7001" in complete(error, StoreTooNew, path).detail
    after = bytes_of(path.parent)
    for name in ("conclave.db", "conclave.db-wal"):
        assert after[name] == left_behind[name]


@pytest.mark.parametrize("journal_mode", ["wal", "delete"])
def test_a_database_that_another_program_holds(
    path: Path, open_store: OpenStore, journal_mode: str
) -> None:
    first = open_store()
    first.submit(fill).result()
    first.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"PRAGMA journal_mode = {journal_mode}")
        other.execute("PRAGMA locking_mode = exclusive")
        other.execute("BEGIN EXCLUSIVE")
        store = open_store()
        error = complete(store.opened().exception(), StoreLocked, path)
        assert "0.2 s" in error.detail

    assert store.reopen().result().set_aside is None
    assert len(store.submit(Repository.conversations).result()) == 1


def test_a_lock_while_running(path: Path, open_store: OpenStore) -> None:
    store = open_store()
    question = store.submit(fill).result()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        reply = store.submit(
            lambda r: r.begin_reply(question.conversation_id, parent_id=question.id, model="m")
        )
        complete(reply.exception(), StoreLocked, path)
        # Reading goes on beside the other writer.
        messages = store.submit(lambda r: r.messages(question.conversation_id))
        assert messages.result() == [question]
    reply = store.submit(
        lambda r: r.begin_reply(question.conversation_id, parent_id=question.id, model="m")
    )
    assert reply.result().status is Status.STREAMING


def test_a_folder_in_the_way(path: Path, open_store: OpenStore) -> None:
    path.mkdir()
    complete(open_store().opened().exception(), StoreError, path)
    assert path.is_dir()


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    path = tmp_path / "data" / "conclave.db"
    store = Store(path)
    complete(store.opened().exception(), StoreError, path)
    store.close()
    assert (tmp_path / "data").read_text() == "a file"


# What opening puts in order


def begin_two(repository: Repository) -> list[Message]:
    question = fill(repository)
    replies = []
    for text in ("half", ""):
        reply = repository.begin_reply(question.conversation_id, parent_id=question.id, model="m")
        repository.save_reply(reply.id, text, "")
        replies.append(reply)
    return replies


def test_cut_off_answers_become_interrupted(open_store: OpenStore) -> None:
    first = open_store()
    _half, empty = first.submit(begin_two).result()
    first.close()

    again = open_store()
    assert again.opened().result().interrupted == 2
    shown = again.submit(lambda r: r.messages(empty.conversation_id)).result()[-1]
    assert (shown.id, shown.status) == (empty.id, Status.INTERRUPTED)
    again.close()

    assert open_store().opened().result().interrupted == 0


@pytest.mark.parametrize(
    ("pid", "started", "interrupted"),
    [
        (os.getppid(), 1.0, 1),  # the id was given to another process since
        (2**22 + 1, 1.0, 1),  # above any process id of Linux
        (2**40, 1.0, 1),
        (-1, 1.0, 1),
        (None, None, 1),
        ("pid", "started", 1),
    ],
)
def test_writers_that_are_gone(
    open_store: OpenStore, sql: Sql, pid: object, started: object, interrupted: int
) -> None:
    first = open_store()
    first.submit(begin_two).result()
    first.close()
    sql("DELETE FROM messages WHERE content = ''")
    sql(
        "UPDATE messages SET writer_pid = ?, writer_started = ? WHERE content = 'half'",
        pid,
        started,
    )
    assert open_store().opened().result().interrupted == interrupted


def test_the_bin_is_emptied_after_30_days(open_store: OpenStore, sql: Sql) -> None:
    def make(repository: Repository) -> None:
        for title in ("31 days", "29 days", "unreadable", "listed"):
            conversation = repository.create_conversation(title)
            repository.add_user_message(conversation.id, f"of {title}", parent_id=None)
        for conversation in repository.conversations():
            if conversation.title != "listed":
                repository.delete_conversation(conversation.id)

    first = open_store()
    first.submit(make).result()
    first.close()
    now = datetime.now(UTC)
    for days in (29, 31):
        deleted = (now - timedelta(days=days)).isoformat()
        sql("UPDATE conversations SET deleted_at = ? WHERE title = ?", deleted, f"{days} days")
    sql("UPDATE conversations SET deleted_at = '0 BC' WHERE title = 'unreadable'")

    open_store().opened().result()

    kept = [("29 days",), ("listed",), ("unreadable",)]
    assert sql("SELECT title FROM conversations ORDER BY title") == kept
    assert sql("SELECT content FROM messages ORDER BY content") == [(f"of {t}",) for (t,) in kept]
    assert sql("PRAGMA foreign_key_check") == []
