"""Rows that no Conclave wrote are shown as well as possible, and left as they are."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.conversations import ReplyStats, Role, Status
from app.store import Repository, Store

Sql = Callable[..., list[tuple[Any, ...]]]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def talk(repository: Repository) -> int:
    """A conversation of four messages with ids 1 to 4: q1, a1, q2, a2."""
    conversation = repository.create_conversation("talk")
    parent = None
    for turn in ("1", "2"):
        question = repository.add_user_message(conversation.id, f"q{turn}", parent_id=parent)
        reply = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
        stats = ReplyStats(1, 2, 0, 3.0, 4.0)
        parent = repository.finish_reply(reply.id, f"a{turn}", "", Status.COMPLETE, stats).id
    assert [message.id for message in repository.messages(conversation.id)] == [1, 2, 3, 4]
    return conversation.id


def contents(repository: Repository, conversation_id: int) -> list[str]:
    return [message.content for message in repository.messages(conversation_id)]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]


@pytest.mark.parametrize(
    ("column", "value", "field", "shown"),
    [
        ("role", "tool", "role", Role.ASSISTANT),
        ("role", b"\xff", "role", Role.ASSISTANT),
        ("status", "paused", "status", Status.INTERRUPTED),
        ("status", 7, "status", Status.INTERRUPTED),
        ("stats", "{", "stats", None),
        ("stats", "[]", "stats", None),
        ("stats", "[" * 100_000, "stats", None),
        ("stats", '{"tokens_in": 1}', "stats", None),
        (
            "stats",
            '{"tokens_in": "1", "tokens_out": 2, "tokens_reused": 0,'
            ' "prefill_ms": 3, "decode_ms": 4}',
            "stats",
            None,
        ),
        (
            "stats",
            '{"tokens_in": 1, "tokens_out": 2, "tokens_reused": 0,'
            ' "prefill_ms": 3, "decode_ms": NaN}',
            "stats",
            None,
        ),
        ("stats", b"\x00\x01", "stats", None),
        ("created_at", "yesterday", "created_at", EPOCH),
        ("created_at", "0001-01-01T00:00:00+23:00", "created_at", EPOCH),
        ("created_at", b"\x00", "created_at", EPOCH),
        ("content", b"caf\xc3\xa9 \xff", "content", "café \ufffd"),
        ("model", b"m\xff", "model", "m\ufffd"),
    ],
)
def test_a_bad_value_is_shown_logged_once_and_kept(
    repository: Repository,
    talk: int,
    sql: Sql,
    caplog: pytest.LogCaptureFixture,
    column: str,
    value: object,
    field: str,
    shown: object,
) -> None:
    sql(f"UPDATE messages SET {column} = ? WHERE id = 2", value)
    stored = sql("SELECT * FROM messages WHERE id = 2")

    for _ in range(2):
        messages = repository.messages(talk)
        assert getattr(messages[1], field) == shown
        assert [m.id for m in messages] == [1, 2, 3, 4]
    repository.rename_conversation(talk, "renamed")
    repository.add_user_message(talk, "q3", parent_id=4)

    assert len(warnings(caplog)) == 1
    assert f"message 2 has a bad {column}" in warnings(caplog)[0]
    assert sql("SELECT * FROM messages WHERE id = 2") == stored


def test_a_message_of_unknown_role_without_model_is_a_persons(
    repository: Repository, talk: int, sql: Sql
) -> None:
    sql("UPDATE messages SET role = 'narrator', status = 'told' WHERE id = 3")
    message = repository.messages(talk)[2]
    assert (message.role, message.status) == (Role.USER, Status.COMPLETE)


def test_text_that_is_not_utf8(
    repository: Repository, talk: int, sql: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    sql("UPDATE messages SET content = CAST(x'6869ff' AS TEXT) WHERE id = 1")
    sql("UPDATE conversations SET title = CAST(x'ff6869' AS TEXT)")

    assert contents(repository, talk) == ["hi\ufffd", "a1", "q2", "a2"]
    assert [c.title for c in repository.conversations()] == ["\ufffdhi"]
    assert len(warnings(caplog)) == 1
    assert sql("SELECT hex(content) FROM messages WHERE id = 1") == [("6869FF",)]


def test_dates_without_offset_are_utc(repository: Repository, talk: int, sql: Sql) -> None:
    sql("UPDATE messages SET created_at = '2026-11-20 10:11:12' WHERE id = 1")
    sql("UPDATE messages SET created_at = '2026-11-20T10:11:12+02:00' WHERE id = 2")
    first, second = repository.messages(talk)[:2]
    assert first.created_at == datetime(2026, 11, 20, 10, 11, 12, tzinfo=UTC)
    assert second.created_at == datetime(2026, 11, 20, 8, 11, 12, tzinfo=UTC)


def test_a_conversation_with_bad_dates_stays_in_the_list(
    repository: Repository, talk: int, sql: Sql
) -> None:
    for title in ("no update", "no creation", "neither"):
        repository.create_conversation(title)
    sql("UPDATE conversations SET updated_at = 'x' WHERE title IN ('no update', 'neither')")
    sql("UPDATE conversations SET created_at = '' WHERE title IN ('no creation', 'neither')")

    listed = {c.title: c for c in repository.conversations()}

    assert set(listed) == {"talk", "no update", "no creation", "neither"}
    assert listed["no update"].updated_at == listed["no update"].created_at > EPOCH
    assert listed["no creation"].created_at == listed["no creation"].updated_at > EPOCH
    assert listed["neither"].updated_at == EPOCH
    assert repository.conversations()[-1].title == "neither"


@pytest.mark.parametrize("parent", [99, "none", 3, 4])
def test_a_broken_link_hides_nothing(
    repository: Repository,
    talk: int,
    sql: Sql,
    caplog: pytest.LogCaptureFixture,
    parent: object,
) -> None:
    sql("UPDATE messages SET parent_id = ? WHERE id = 3", parent)
    for _ in range(2):
        assert contents(repository, talk) == ["q1", "a1", "q2", "a2"]
    assert len(warnings(caplog)) == 1
    assert "message 3" in warnings(caplog)[0]


def test_a_parent_in_another_conversation(repository: Repository, talk: int, sql: Sql) -> None:
    other = repository.create_conversation("other")
    stranger = repository.add_user_message(other.id, "stranger", parent_id=None)
    sql("UPDATE messages SET parent_id = ? WHERE id = 3", stranger.id)
    assert contents(repository, talk) == ["q1", "a1", "q2", "a2"]


@pytest.mark.parametrize("leaf", [None, 99, "leaf", "other"])
def test_a_leaf_that_leads_nowhere(
    repository: Repository, talk: int, sql: Sql, leaf: object
) -> None:
    other = repository.create_conversation("other")
    stranger = repository.add_user_message(other.id, "stranger", parent_id=None)
    pointer = stranger.id if leaf == "other" else leaf
    sql("UPDATE conversations SET current_leaf_id = ? WHERE id = ?", pointer, talk)

    assert contents(repository, talk) == ["q1", "a1", "q2", "a2"]
    assert sql("SELECT current_leaf_id FROM conversations WHERE id = ?", talk) == [(pointer,)]

    repository.add_user_message(talk, "q3", parent_id=4)
    assert contents(repository, talk) == ["q1", "a1", "q2", "a2", "q3"]


def test_a_lost_row_hides_only_itself(repository: Repository, talk: int, sql: Sql) -> None:
    sql("DELETE FROM messages WHERE id = 2")
    assert contents(repository, talk) == ["q1", "q2", "a2"]


def test_messages_whose_conversation_row_is_lost(
    repository: Repository, talk: int, sql: Sql
) -> None:
    sql("DELETE FROM conversations")
    assert contents(repository, talk) == ["q1", "a1", "q2", "a2"]
    assert repository.conversations() == []


def test_a_setting_that_cannot_be_read(
    repository: Repository, sql: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    repository.set_setting("theme", "dark")
    sql("UPDATE settings SET value = '{\"half\":'")
    assert repository.setting("theme") is None
    assert repository.setting("theme") is None
    assert len(warnings(caplog)) == 1


def test_null_where_none_should_be_does_not_set_the_database_aside(
    path: Path, open_store: Callable[[], Store], sql: Sql
) -> None:
    store = open_store()
    store.submit(lambda repository: repository.create_conversation("kept")).result()
    store.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'title TEXT NOT NULL', 'title TEXT')"
        )
    sql("INSERT INTO conversations (title, created_at, updated_at) VALUES (NULL, '', '')")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'title TEXT', 'title TEXT NOT NULL')"
        )
    assert "NULL value in conversations.title" in sql("PRAGMA quick_check")[0]

    again = open_store()
    assert again.opened().result().set_aside is None
    assert [c.title for c in again.submit(Repository.conversations).result()] == ["kept", ""]
