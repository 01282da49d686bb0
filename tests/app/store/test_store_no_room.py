"""A full disk, a place that cannot be written, and an I/O error."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from app.domain.conversations import Message, Status
from app.errors import StoreFull
from app.store import Repository, Store

CHILDREN = Path(__file__).parent / "children"
OpenStore = Callable[[], Store]


def run_child(name: str, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, CHILDREN / name, path], check=True, capture_output=True, text=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# A full disk


def ask(repository: Repository) -> Message:
    conversation = repository.create_conversation("c")
    question = repository.add_user_message(conversation.id, "q", parent_id=None)
    return repository.begin_reply(conversation.id, parent_id=question.id, model="m")


def allow_pages(count: int) -> Callable[[Repository], object]:
    """SQLite itself reports a full disk beyond that size; 0 takes the limit away."""
    limit = count or 2**31 - 2
    return lambda repository: repository._db.execute(f"PRAGMA max_page_count = {limit}").fetchone()


def test_a_full_disk_keeps_what_was_there_and_recovers(path: Path, open_store: OpenStore) -> None:
    store = open_store()
    reply = store.submit(ask).result()
    store.submit(lambda r: r.save_reply(reply.id, "what was saved", "before")).result()
    store.submit(allow_pages(20)).result()

    long_text = "word " * 100_000
    failures: list[Future[Any]] = [
        store.submit(lambda r: r.save_reply(reply.id, long_text, "")),
        store.submit(lambda r: r.finish_reply(reply.id, long_text, "", Status.COMPLETE, None)),
        store.submit(
            lambda r: r.add_user_message(reply.conversation_id, long_text, parent_id=reply.id)
        ),
        store.submit(lambda r: r.create_conversation(long_text)),
        store.submit(lambda r: r.set_setting("s", long_text)),
    ]
    for future in failures:
        error = future.exception()
        assert type(error) is StoreFull
        assert error.title == "The disk is full"
        assert str(path) in error.detail
        assert "MB free" in error.detail
        assert error.hint

    kept = store.submit(lambda r: r.messages(reply.conversation_id)).result()[-1]
    assert (kept.id, kept.content, kept.thinking) == (reply.id, "what was saved", "before")
    assert kept.status is Status.STREAMING
    assert len(store.submit(Repository.conversations).result()) == 1

    store.submit(allow_pages(0)).result()
    store.submit(lambda r: r.finish_reply(reply.id, long_text, "", Status.COMPLETE, None)).result()
    done = store.submit(lambda r: r.messages(reply.conversation_id)).result()[-1]
    assert (done.content, done.status) == (long_text, Status.COMPLETE)
    check = store.submit(lambda r: r._db.execute("PRAGMA integrity_check").fetchall())
    assert check.result() == [("ok",)]


def test_several_changes_are_undone_together(open_store: OpenStore) -> None:
    def ask_at_length(repository: Repository) -> None:
        with repository.transaction():
            conversation = repository.create_conversation("half")
            repository.add_user_message(conversation.id, "word " * 100_000, parent_id=None)

    store = open_store()
    store.submit(allow_pages(20)).result()
    assert type(store.submit(ask_at_length).exception()) is StoreFull
    assert store.submit(Repository.conversations).result() == []


# A place that cannot be written


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own folders are not."""
    with tempfile.TemporaryDirectory(prefix="conclave-test-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        for each in (folder, *folder.rglob("*")):
            each.chmod(0o755)


def existing_database(path: Path) -> bytes:
    store = Store(path)
    store.submit(ask).result()
    store.close()
    return path.read_bytes()


def expect_read_only(path: Path) -> None:
    answer = run_child("unprivileged.py", path)
    assert answer["type"] == "StoreReadOnly"
    assert answer["title"] == "The conversation database cannot be written"
    assert str(path) in answer["detail"]
    assert "CONCLAVE_DATA_DIR" in answer["hint"]


def test_an_empty_folder_that_is_read_only(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    expect_read_only(open_folder / "conclave.db")
    assert list(open_folder.iterdir()) == []


def test_a_folder_that_cannot_be_made(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    expect_read_only(open_folder / "new" / "conclave.db")
    assert list(open_folder.iterdir()) == []


def test_a_read_only_folder_with_a_database(open_folder: Path) -> None:
    path = open_folder / "conclave.db"
    before = existing_database(path)
    path.chmod(0o666)
    open_folder.chmod(0o555)
    expect_read_only(path)
    assert path.read_bytes() == before
    assert list(open_folder.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o444, 0o000])
def test_a_database_that_is_read_only(open_folder: Path, mode: int) -> None:
    path = open_folder / "conclave.db"
    before = existing_database(path)
    path.chmod(mode)
    expect_read_only(path)
    path.chmod(0o644)
    assert path.read_bytes() == before
    assert not list(open_folder.glob("*corrupt*"))


# An I/O error


def test_an_io_error_is_not_taken_for_damage(path: Path) -> None:
    answer = run_child("size_limit.py", path)
    assert answer["type"] == "StoreError"
    assert str(path) in answer["detail"]
    assert "SQLITE_IOERR_WRITE" in answer["detail"]
    assert answer["titles"] == ["kept"]
    assert answer["set_aside"] is False
    assert answer["after"] == ["after", "kept"]
