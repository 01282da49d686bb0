from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.context import StoredSummary, Unseen
from app.domain.conversations import Role, Status
from app.domain.transfer import (
    CarriedConversation,
    CarriedMessage,
    CarriedSummary,
    CarriedUnseen,
)
from app.errors import StoreError
from app.store import Repository, Store
from app.store.backup import back_up
from inference.engine import ContextPolicy

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def nothing(_number: int) -> None:
    """Nobody wants to know."""


def talk(title: str, *contents: str) -> CarriedConversation:
    messages = tuple(
        CarriedMessage(n - 1 if n else None, Role.USER, text, "", Status.COMPLETE, NOON)
        for n, text in enumerate(contents)
    )
    return CarriedConversation(title, NOON, NOON, messages, len(messages) - 1 if messages else None)


def test_what_the_repository_wrote_is_carried_with_its_branches(repository: Repository) -> None:
    conversation = repository.create_conversation("Sky")
    question = repository.add_user_message(conversation.id, "Why?", parent_id=None)
    first = repository.begin_reply(conversation.id, parent_id=question.id, model="M")
    repository.finish_reply(first.id, "Because.", "Hm", Status.COMPLETE, None)
    other = repository.add_user_message(conversation.id, "Why, really?", parent_id=None)
    second = repository.begin_reply(conversation.id, parent_id=other.id, model="M")
    repository.contexts.set_unseen(second.id, Unseen(other.id, summarised=True))
    repository.contexts.set_summary(conversation.id, StoredSummary("short", first.id))
    repository.contexts.set_policy(conversation.id, ContextPolicy.SUMMARISE)

    found = repository.transfers.carried(conversation.id)

    assert found is not None
    assert [(m.parent, m.content, m.status) for m in found.messages] == [
        (None, "Why?", Status.COMPLETE),
        (0, "Because.", Status.COMPLETE),
        (None, "Why, really?", Status.COMPLETE),
        (2, "", Status.STREAMING),
    ]
    assert found.messages[3].unseen == CarriedUnseen(2, summarised=True)
    assert found.summary == CarriedSummary("short", 1)
    assert (found.policy, found.current) == (ContextPolicy.SUMMARISE, 3)
    assert found.branch() == found.messages[2:]


def test_columns_of_other_parts_travel_by_their_names(
    path: Path, repository: Repository, sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    sql("ALTER TABLE conversations ADD COLUMN colour TEXT")
    sql("ALTER TABLE conversations ADD COLUMN shelf_id INTEGER")
    sql("ALTER TABLE messages ADD COLUMN mood REAL")
    repository.transfers.add("x", [talk("one", "hi")], nothing)
    sql("UPDATE conversations SET colour = 'green', shelf_id = 7")
    sql("UPDATE messages SET mood = 2.5")
    found = repository.transfers.carried(1)
    assert found is not None
    assert found.more["colour"] == "green"
    assert "shelf_id" not in found.more
    assert found.messages[0].more["mood"] == 2.5
    repository.transfers.add("y", [found], nothing)
    assert sql("SELECT colour, shelf_id FROM conversations WHERE id = 2") == [("green", None)]
    assert repository.transfers.carried(2) == found


def test_damaged_links_are_mended_on_the_way_out(
    repository: Repository, sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    repository.transfers.add("x", [talk("one", "a", "b", "c")], nothing)
    sql("UPDATE messages SET parent_id = 99 WHERE content = 'b'")
    sql("UPDATE messages SET parent_id = 3 WHERE content = 'c'")
    sql("UPDATE conversations SET current_leaf_id = 99")
    found = repository.transfers.carried(1)
    assert found is not None
    assert [m.parent for m in found.messages] == [None, 0, 1]
    assert found.current == 2


def test_an_import_is_there_as_a_whole_or_not_at_all(repository: Repository) -> None:
    def broken() -> Iterator[CarriedConversation]:
        yield talk("one", "a")
        raise KeyError("damaged on the way")

    with pytest.raises(KeyError):
        repository.transfers.add("x", broken(), nothing)
    assert repository.transfers.ids() == []
    assert repository.transfers.last_import() is None
    assert repository.conversations() == []


def test_imports_are_undone_one_by_one_the_last_first(repository: Repository) -> None:
    mine = repository.create_conversation("mine")
    old = repository.transfers.add("old.json", [talk("1", "a"), talk("2")], nothing)
    new = repository.transfers.add("new.json", [talk("3", "b")], nothing)
    assert (new.n_conversations, new.n_messages) == (1, 1)
    assert repository.transfers.last_import() == new
    assert repository.transfers.undo_import(new.id).removed == {4}
    assert repository.transfers.last_import() == old
    kept = repository.add_user_message(2, "going on", parent_id=1)
    undone = repository.transfers.undo_import(old.id)
    assert (undone.removed, undone.n_kept) == ({3}, 1)
    assert {c.id for c in repository.conversations()} == {mine.id, kept.conversation_id}
    assert repository.transfers.last_import() is None
    repository.restore_conversation(4)
    assert repository.transfers.last_import() == new


def test_texts_that_sqlite_cannot_hold_are_mended(repository: Repository) -> None:
    repository.transfers.add("x", [talk("\ud83d\ude00", "a\x00b \ud800")], nothing)
    found = repository.transfers.carried(1)
    assert found is not None
    assert (found.title, found.messages[0].content) == ("😀", "a\x00b \ufffd")


def test_the_backup_is_one_moment_of_a_database_that_goes_on(
    path: Path, open_store: Callable[[], Store], tmp_path: Path
) -> None:
    store = open_store()
    words = "word " * 2000
    many = [talk(f"{n}", *[words] * 20) for n in range(30)]
    store.submit(lambda repository: repository.transfers.add("x", many, nothing)).result(30)
    seen: list[float] = []

    def progressed(fraction: float) -> None:
        seen.append(fraction)
        create = store.submit(lambda repository: repository.create_conversation("meanwhile"))
        create.result(10)

    target = tmp_path / "copy.db"
    back_up(path, target, progressed)

    assert len(seen) >= 3
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT count(*) FROM messages").fetchone() == (600,)
        assert copy.execute("SELECT count(*) FROM conversations").fetchone() == (30,)
    assert len(store.submit(Repository.conversations).result(5)) == 30 + len(seen)
    assert not list(tmp_path.glob(".copy.db*"))
    restored = Store(target)
    assert len(restored.submit(Repository.conversations).result(5)) == 30
    restored.close()


def test_a_backup_that_is_cancelled_leaves_the_old_one(
    path: Path, open_store: Callable[[], Store], tmp_path: Path
) -> None:
    open_store().opened().result(5)
    target = tmp_path / "copy.db"
    target.write_text("the backup of yesterday")

    def cancel(_fraction: float) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError):
        back_up(path, target, cancel)
    assert target.read_text() == "the backup of yesterday"
    assert not list(tmp_path.glob(".copy.db*"))


def test_a_backup_never_takes_the_place_of_the_database(
    path: Path, open_store: Callable[[], Store], tmp_path: Path
) -> None:
    open_store().opened().result(5)
    with pytest.raises(StoreError, match="take the place"):
        back_up(path, path, lambda _fraction: None)
    with pytest.raises(StoreError) as caught:
        back_up(path, tmp_path / "missing" / "copy.db", lambda _fraction: None)
    assert "missing" in caught.value.detail
