from __future__ import annotations

import logging
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from app.domain.conversations import Status
from app.errors import StoreCorrupt
from app.store import Repository, Store
from app.store.setting_aside import set_aside

OpenStore = Callable[[], Store]
PAGE = 4096


def fill(repository: Repository) -> None:
    """Some 2 MB in one conversation."""
    with repository.transaction():
        conversation = repository.create_conversation("big")
        parent = None
        for number in range(100):
            question = repository.add_user_message(conversation.id, f"q{number}", parent_id=parent)
            reply = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
            repository.finish_reply(reply.id, "a" * 20_000, "", Status.COMPLETE, None)
            parent = reply.id


@pytest.fixture
def filled(path: Path) -> Path:
    store = Store(path)
    store.submit(fill).result()
    store.close()
    return path


def overwrite(path: Path, start: int, content: bytes) -> None:
    """Write into the file from another process, so that this one keeps its locks on it."""
    program = (
        "import sys; f = open(sys.argv[1], 'r+b'); f.seek(int(sys.argv[2])); "
        "f.write(bytes.fromhex(sys.stdin.read()))"
    )
    command = [sys.executable, "-c", program, str(path), str(start)]
    subprocess.run(command, input=content.hex(), text=True, check=True)


@pytest.mark.expects_errors
def test_a_file_that_is_no_database(path: Path, open_store: OpenStore) -> None:
    path.write_text("Dear diary, " * 1000)
    check_set_aside(path, open_store)


@pytest.mark.expects_errors
def test_a_header_that_is_destroyed(filled: Path, open_store: OpenStore) -> None:
    overwrite(filled, 0, b"\xff" * 100)
    check_set_aside(filled, open_store)


@pytest.mark.expects_errors
def test_a_file_that_was_cut(filled: Path, open_store: OpenStore) -> None:
    with filled.open("r+b") as file:
        file.truncate(filled.stat().st_size // PAGE // 2 * PAGE)
    check_set_aside(filled, open_store)


@pytest.mark.expects_errors
def test_pages_that_were_overwritten(filled: Path, open_store: OpenStore) -> None:
    # Only quick_check sees this: the header and the schema are sound.
    overwrite(filled, PAGE * 3, b"\xa5" * (PAGE * 40))
    check_set_aside(filled, open_store)


def check_set_aside(path: Path, open_store: OpenStore) -> None:
    before = path.read_bytes()
    earliest = datetime.now().replace(microsecond=0)
    store = open_store()

    aside = store.opened().result().set_aside

    assert aside is not None
    assert aside.read_bytes() == before
    match = re.fullmatch(r"conclave\.corrupt-(\d{8}-\d{6})\.db", aside.name)
    assert match is not None
    assert earliest <= datetime.strptime(match[1], "%Y%m%d-%H%M%S") <= datetime.now()
    assert store.submit(Repository.conversations).result() == []
    store.submit(lambda r: r.create_conversation("new")).result()
    store.close()

    again = open_store()
    assert again.opened().result().set_aside is None
    assert [c.title for c in again.submit(Repository.conversations).result()] == ["new"]


def test_it_is_logged(path: Path, open_store: OpenStore, caplog: pytest.LogCaptureFixture) -> None:
    path.write_bytes(b"\x00junk" * 1000)
    aside = open_store().opened().result().set_aside
    errors = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert len(errors) == 1
    assert str(path) in errors[0]
    assert str(aside) in errors[0]


@pytest.mark.expects_errors
def test_the_log_goes_along(filled: Path, open_store: OpenStore) -> None:
    # A sound log as it lies there after a power cut, beside a file that is damaged elsewhere.
    with closing(sqlite3.connect(filled, isolation_level=None)) as connection:
        connection.execute("INSERT INTO settings VALUES ('in', '\"the log\"')")
        main = filled.read_bytes()
        log = filled.with_name("conclave.db-wal").read_bytes()
    assert len(log) > PAGE
    damaged = main[: PAGE * 40] + b"\xa5" * (PAGE * 40) + main[PAGE * 80 :]
    filled.write_bytes(damaged)
    filled.with_name("conclave.db-wal").write_bytes(log)

    aside = open_store().opened().result().set_aside

    assert aside is not None
    assert aside.read_bytes() == damaged
    assert aside.with_name(aside.name + "-wal").read_bytes() == log


def test_a_log_that_mends_the_file_is_used(path: Path, open_store: OpenStore) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE recipes (a)")
        connection.execute("INSERT INTO recipes VALUES ('soup')")
        log = path.with_name("conclave.db-wal").read_bytes()
    # Both pages of the file are in the log as well, so that a torn checkpoint loses nothing.
    path.write_bytes(b"\xff" * PAGE * 2)
    path.with_name("conclave.db-wal").write_bytes(log)

    store = open_store()
    assert store.opened().result().set_aside is None
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT a FROM recipes").fetchall() == [("soup",)]


def test_a_name_that_is_taken_is_not_overwritten(tmp_path: Path) -> None:
    now = datetime(2026, 11, 20, 7, 8, 9)
    path = tmp_path / "conclave.db"
    path.write_text("third")
    (tmp_path / "conclave.corrupt-20261120-070809.db").write_text("first")
    # Also where only a log has the name.
    (tmp_path / "conclave.corrupt-20261120-070809-2.db-wal").write_text("second")

    assert set_aside(path, now).name == "conclave.corrupt-20261120-070809-3.db"

    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "conclave.corrupt-20261120-070809.db": "first",
        "conclave.corrupt-20261120-070809-2.db-wal": "second",
        "conclave.corrupt-20261120-070809-3.db": "third",
    }


@pytest.mark.expects_errors
def test_damage_while_running(filled: Path, open_store: OpenStore) -> None:
    store = open_store()
    store.opened().result()
    overwrite(filled, PAGE * 3, b"\xa5" * (filled.stat().st_size - PAGE * 3))
    damaged = filled.read_bytes()

    error = store.submit(lambda repository: repository.messages(1)).exception()

    assert type(error) is StoreCorrupt
    assert str(filled) in error.detail
    assert error.title
    assert error.hint
    assert filled.read_bytes() == damaged

    aside = store.reopen().result().set_aside
    assert aside is not None
    assert aside.read_bytes() == damaged
    assert store.submit(Repository.conversations).result() == []


def test_a_database_of_another_kind_is_not_touched(path: Path, open_store: OpenStore) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE recipes (a); INSERT INTO recipes VALUES ('soup');")
    open_store().opened().result()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT a FROM recipes").fetchall() == [("soup",)]
