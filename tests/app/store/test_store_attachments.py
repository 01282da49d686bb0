from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.domain.attachments import Attachment, AttachmentKind
from app.domain.edits import KeptEdit
from app.services.history import history_of
from app.services.stored_turns import store_question
from app.store import Repository, Store
from app.store.connection import Database
from app.store.edits import create_edits
from app.store.migrations import MIGRATIONS, migrate

FILES = (
    Attachment("a.txt", AttachmentKind.TEXT, 6, "ab" * 32, "naïve", "Read as Latin-1."),
    Attachment("b.pdf", AttachmentKind.PDF, 900, "cd" * 32, "page \ud800"),
)


def test_files_are_kept_with_their_message(open_store: Callable[[], Store]) -> None:
    store = open_store()
    asked = store.submit(
        lambda r: store_question(r, "1", None, "Why?", None, attachments=FILES)
    ).result()
    store.close()

    [message] = open_store().submit(lambda r: r.messages(asked.conversation_id)).result()

    assert message.attachments[0] == FILES[0]
    assert message.attachments[1].text == "page \ufffd"
    assert "b.pdf" in history_of([message], continuing=False).messages[0].content


def test_a_question_of_files_alone_is_titled_by_their_names(
    open_store: Callable[[], Store],
) -> None:
    store = open_store()
    store.submit(lambda r: store_question(r, "1", None, "", None, attachments=FILES)).result()

    assert store.submit(Repository.conversations).result()[0].title == "a.txt, b.pdf"


def test_drafts_are_kept_by_conversation(open_store: Callable[[], Store]) -> None:
    store = open_store()
    made = store.submit(lambda r: r.create_conversation("Sky").id).result()
    for conversation_id, text in ((None, "new"), (made, "old"), (made, "sky"), (99, "lost")):
        store.submit(lambda r, i=conversation_id, t=text: r.drafts.keep(i, t)).result()
    assert store.submit(lambda r: r.drafts.all()).result() == {None: "new", made: "sky"}

    store.submit(lambda r: r.drafts.keep(None, "")).result()
    store.close()
    assert open_store().submit(lambda r: r.drafts.all()).result() == {made: "sky"}


def test_edits_are_kept_by_conversation(open_store: Callable[[], Store]) -> None:
    store = open_store()
    sky, sea = (
        store.submit(lambda r, t=title: r.create_conversation(t).id).result()
        for title in ("Sky", "Sea")
    )
    for conversation_id, edit in (
        (sky, KeptEdit(3, "old")),
        (sky, KeptEdit(4, "new \ud800")),
        (sea, KeptEdit(5, "")),
        (99, KeptEdit(6, "lost")),
    ):
        store.submit(lambda r, i=conversation_id, e=edit: r.edits.keep(i, e)).result()
    kept = {sky: KeptEdit(4, "new \ufffd"), sea: KeptEdit(5, "")}
    assert store.submit(lambda r: r.edits.all()).result() == kept

    store.submit(lambda r: r.edits.keep(sea, None)).result()
    store.close()
    assert open_store().submit(lambda r: r.edits.all()).result() == {sky: kept[sky]}


def test_a_file_of_the_version_before_takes_edits(
    path: Path, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    with closing(Database(sqlite3.connect(path, isolation_level=None))) as db:
        db.execute("PRAGMA foreign_keys = ON")
        migrate(db, MIGRATIONS[: MIGRATIONS.index(create_edits)])
        made = Repository(db).create_conversation("Sky")
        Repository(db).drafts.keep(made.id, "a draft")
        migrate(db)
        Repository(db).edits.keep(made.id, KeptEdit(1, "words"))
        assert Repository(db).drafts.all() == {made.id: "a draft"}
        assert sql("SELECT * FROM edits") == [(made.id, 1, "words")]
        db.execute("DELETE FROM conversations")
        assert sql("SELECT * FROM edits") == []


def test_the_migration_keeps_what_was_there(path: Path) -> None:
    with closing(Database(sqlite3.connect(path, isolation_level=None))) as db:
        migrate(db, MIGRATIONS[:2])
        db.execute(
            "INSERT INTO conversations (title, created_at, updated_at, current_leaf_id)"
            " VALUES ('Sky', '2026-01-01', '2026-01-01', NULL)"
        )
        db.execute(
            "INSERT INTO messages (conversation_id, role, status, created_at, content)"
            " VALUES (1, 'user', 'complete', '2026-01-01', 'Why?')"
        )
        db.execute("UPDATE conversations SET current_leaf_id = 1")
        migrate(db)
        [message] = Repository(db).messages(1)
    assert (message.content, message.attachments) == ("Why?", ())


def test_files_come_back_with_a_message_and_go_into_a_branch(
    open_store: Callable[[], Store],
) -> None:
    store = open_store()
    asked = store.submit(
        lambda r: store_question(r, "1", None, "Why?", None, attachments=FILES)
    ).result()

    copy_id = store.submit(lambda r: r.tree.branch(asked.message.id, "Copy")).result()
    removed = store.submit(lambda r: r.tree.remove(asked.message.id)).result()
    store.submit(lambda r: r.tree.restore(removed)).result()

    for conversation_id in (asked.conversation_id, copy_id):
        [message] = store.submit(lambda r, i=conversation_id: r.messages(i)).result()
        assert [file.name for file in message.attachments] == [file.name for file in FILES]
