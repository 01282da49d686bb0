from __future__ import annotations

import sqlite3
import threading

import pytest
from pytestqt.qtbot import QtBot

from app.domain.search import Found, Query
from app.services.quiet import Quiet
from app.services.search import SearchIndexing, SearchService
from app.store import Repository
from inference.engine import TextDelta
from tests.fakes.engine import WaitFor, finished


def say(repository: Repository, *texts: str) -> None:
    for text in texts:
        talk = repository.create_conversation("-")
        repository.add_user_message(talk.id, text, parent_id=None)


def test_the_newest_query_takes_the_place_of_one_that_waits(qtbot: QtBot, store) -> None:
    store.submit(lambda repository: say(repository, "one word", "another word")).result(5)
    service = SearchService(store)
    heard: list[Found] = []
    service.found.connect(heard.append)
    go_on = threading.Event()
    store.submit(lambda repository: go_on.wait(5))
    for text in ("w", "wo", "wor", "word"):
        service.search(text)
    go_on.set()
    qtbot.waitUntil(lambda: bool(heard))
    store.submit(lambda repository: None).result(5)
    assert [found.query for found in heard] == [Query.parse("word")]
    assert len(heard[0].hits) == 2


def forget_index(repository: Repository) -> None:
    """As in a database that has just got its indexes."""
    db = repository.search._db
    for index, progress in (
        ("message_index", "search_progress"),
        ("aside_index", "aside_progress"),
    ):
        db.execute(f"INSERT INTO {index} ({index}) VALUES ('delete-all')")
        db.execute(f"UPDATE {progress} SET from_id = 1000")


def built(store) -> float:
    return store.submit(lambda repository: repository.search.built()).result(5)


def test_indexing_waits_until_it_is_quiet(
    qtbot: QtBot, store, engine, chat, heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.search.PIECE_BYTES", 1)
    store.submit(lambda repository: say(repository, *["some words"] * 8)).result(5)
    go_on = threading.Event()
    engine.answers(TextDelta("a"), WaitFor(go_on), finished())
    chat.send(None, "question")
    qtbot.waitUntil(lambda: heard.text == "a")
    store.submit(forget_index).result(5)

    quiet = Quiet(chat)
    # It has come after the question: let it hear of the answer.
    quiet._busy.add(heard.questions[0].conversation_id)
    indexing = SearchIndexing(store, quiet)
    indexing.start()
    qtbot.wait(100)
    assert built(store) == 0.0
    go_on.set()
    qtbot.waitUntil(lambda: built(store) == 1.0)
    found = store.submit(lambda repository: repository.search.find(Query.parse("words"))).result(5)
    assert len(found.hits) == 8


def test_an_index_that_fails_is_told_in_the_log(
    qtbot: QtBot, store, chat, caplog: pytest.LogCaptureFixture
) -> None:
    store.submit(lambda repository: say(repository, "some words")).result(5)
    store.submit(lambda repository: repository.search._db.execute("DROP TABLE search_progress"))
    indexing = SearchIndexing(store, Quiet(chat))
    indexing.start()
    qtbot.waitUntil(lambda: "the search index is not complete" in caplog.text)
    assert sqlite3.sqlite_version_info >= (3, 34)
