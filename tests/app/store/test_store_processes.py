"""Several processes on one database, and processes that die."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.domain.conversations import Status
from app.errors import StoreError
from app.store import Repository, Store

CHILDREN = Path(__file__).parent / "children"
OpenStore = Callable[[], Store]


def start(name: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, CHILDREN / name, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def line_of(child: subprocess.Popen[str]) -> list[str]:
    assert child.stdout is not None
    return child.stdout.readline().split(maxsplit=2)


def test_processes_that_write_at_the_same_time(path: Path) -> None:
    # The file does not exist yet: they also make it, and migrate it, at the same time.
    children = {title: start("writing.py", path, title, 60) for title in ("a", "b", "c")}
    for child in children.values():
        child.communicate(timeout=60)
    assert [child.returncode for child in children.values()] == [0, 0, 0]

    assert contents_by_title(path) == {t: [f"{t} {n}" for n in range(60)] for t in ("a", "b", "c")}
    assert list(path.parent.glob("*.db")) == [path]


def contents_by_title(path: Path) -> dict[str, list[str]]:
    def read(repository: Repository) -> dict[str, list[str]]:
        return {
            conversation.title: [m.content for m in repository.messages(conversation.id)]
            for conversation in repository.conversations()
        }

    store = Store(path)
    contents = store.submit(read).result()
    store.close()
    return contents


def test_processes_that_find_damage_at_the_same_time(path: Path) -> None:
    damaged = b"\xffjunk" * 10_000
    path.write_bytes(damaged)
    children = [start("writing.py", path, title, 5) for title in ("a", "b", "c")]
    for child in children:
        child.communicate(timeout=60)
    assert [child.returncode for child in children] == [0, 0, 0]

    aside = [file for file in path.parent.glob("*.db") if file != path]
    assert [file.read_bytes() for file in aside] == [damaged]
    assert contents_by_title(path) == {t: [f"{t} {n}" for n in range(5)] for t in ("a", "b", "c")}


def test_an_answer_of_another_living_process_stays(path: Path, open_store: OpenStore) -> None:
    child = start("waiting.py", path)
    conversation_id, reply_id = map(int, line_of(child))

    store = open_store()
    assert store.opened().result().interrupted == 0
    shown = store.submit(lambda r: r.messages(conversation_id)).result()[-1]
    assert (shown.id, shown.content) == (reply_id, "half an ans")
    assert shown.status is Status.STREAMING
    resumed = store.submit(lambda r: r.resume_reply(reply_id)).exception()
    assert isinstance(resumed, StoreError)

    child.kill()
    # Not yet waited for: a zombie is not alive.
    assert child.stdout is not None
    assert child.stdout.read() == ""
    assert store.reopen().result().interrupted == 1
    shown = store.submit(lambda r: r.messages(conversation_id)).result()[-1]
    assert (shown.content, shown.status) == ("half an ans", Status.INTERRUPTED)
    assert child.wait(timeout=20) < 0
    child.communicate()


@pytest.mark.parametrize("round_", range(4))
def test_a_killed_writer_loses_nothing_that_it_committed(path: Path, round_: int) -> None:
    child = start("streaming.py", path)
    lines = [line_of(child)]
    threading.Timer(random.uniform(0.05, 0.4), child.kill).start()
    while line := line_of(child):
        lines.append(line)
    child.communicate(timeout=20)

    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    store = Store(path)
    assert store.opened().result().set_aside is None
    stored = {m.id: m for m in store.submit(lambda r: r.messages(1)).result()}
    store.close()
    whole = [line for line in lines if len(line) == 3]
    assert whole
    for kind, message_id, value in whole:
        message = stored[int(message_id)]
        if kind == "sent":
            assert message.content == value.strip()
        else:
            assert len(message.content) >= int(value)
    assert Status.STREAMING not in {message.status for message in stored.values()}
