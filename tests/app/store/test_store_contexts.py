"""What the store remembers of a context that does not hold a whole conversation."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.domain.context import ConversationContext, StoredSummary, Unseen
from app.domain.conversations import Status
from app.store import Repository, Store
from inference.engine import ContextPolicy

Sql = Callable[..., list[tuple[Any, ...]]]
VERSION_1 = Path(__file__).parent / "data" / "version-1.sql"


@pytest.fixture
def talk(repository: Repository) -> int:
    """A conversation of four messages with ids 1 to 4: q1, a1, q2, a2."""
    conversation = repository.create_conversation("talk")
    parent = None
    for turn in ("1", "2"):
        question = repository.add_user_message(conversation.id, f"q{turn}", parent_id=parent)
        reply = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
        parent = repository.finish_reply(reply.id, f"a{turn}", "", Status.STOPPED, None).id
    return conversation.id


def test_a_version_1_file_gets_the_defaults(path: Path, open_store: Callable[[], Store]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text())
    store = open_store()

    context = store.submit(lambda repository: repository.contexts.get(1)).result()
    messages = store.submit(lambda repository: repository.messages(1)).result()

    assert context == ConversationContext(ContextPolicy.DROP_OLDEST, None)
    assert [message.unseen for message in messages] == [None] * 3


def test_policy_and_summary_are_kept(repository: Repository, talk: int) -> None:
    other = repository.create_conversation("other")
    repository.contexts.set_policy(talk, ContextPolicy.SUMMARISE)
    repository.contexts.set_summary(talk, StoredSummary("first", 2))
    repository.contexts.set_summary(talk, StoredSummary("they met", 3))
    assert repository.contexts.get(talk) == ConversationContext(
        ContextPolicy.SUMMARISE, StoredSummary("they met", 3)
    )

    repository.contexts.edit_summary(talk, "they met in May \udc00")
    assert repository.contexts.get(talk).summary == StoredSummary("they met in May \ufffd", 3)
    assert repository.contexts.get(other.id) == ConversationContext()
    assert repository.contexts.get(99) == ConversationContext()


def test_undoing_a_summary_lets_no_other_be_written(repository: Repository, talk: int) -> None:
    repository.contexts.set_policy(talk, ContextPolicy.SUMMARISE)
    repository.contexts.set_summary(talk, StoredSummary("they met", 2))
    repository.contexts.remove_summary(talk)
    assert repository.contexts.get(talk) == ConversationContext()

    repository.contexts.set_policy(talk, ContextPolicy.STOP)
    repository.contexts.remove_summary(talk)
    assert repository.contexts.get(talk).policy is ContextPolicy.STOP


def test_a_summary_goes_with_its_last_message(repository: Repository, talk: int, sql: Sql) -> None:
    repository.contexts.set_summary(talk, StoredSummary("of another", 99))
    assert repository.contexts.get(talk).summary is None

    question = repository.add_user_message(talk, "q3", parent_id=4)
    reply = repository.begin_reply(talk, parent_id=question.id, model="m")
    repository.contexts.set_summary(talk, StoredSummary("up to the end", reply.id))
    repository.discard_reply(reply.id)
    assert repository.contexts.get(talk).summary is None


def test_what_an_answer_missed_is_kept_until_it_goes_on(repository: Repository, talk: int) -> None:
    repository.contexts.set_unseen(4, Unseen(2, summarised=True))
    assert [m.unseen for m in repository.messages(talk)] == [None, None, None, Unseen(2, True)]

    resumed = repository.resume_reply(4)
    assert resumed.unseen is None

    repository.contexts.set_unseen(4, Unseen(2))
    finished = repository.finish_reply(4, "a2 and more", "", Status.COMPLETE, None)
    assert finished.unseen == Unseen(2)
    repository.contexts.set_unseen(4, None)
    assert repository.messages(talk)[-1].unseen is None


def test_bad_values_count_as_the_defaults(
    repository: Repository, talk: int, sql: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    sql("UPDATE conversations SET context_policy = 'shout'")
    sql("UPDATE messages SET unseen_until_id = 'x', unseen_summarised = 'y'")
    with caplog.at_level(logging.WARNING):
        assert repository.contexts.get(talk).policy is ContextPolicy.DROP_OLDEST
        repository.contexts.get(talk)

    assert [record.getMessage() for record in caplog.records] == [
        f"conversation {talk} has a bad context policy: 'shout'"
    ]
    assert [message.unseen for message in repository.messages(talk)] == [None] * 4


def test_everything_goes_with_the_conversation(repository: Repository, talk: int, sql: Sql) -> None:
    repository.contexts.set_summary(talk, StoredSummary("they met", 2))
    with repository.transaction():
        repository._db.execute("DELETE FROM conversations WHERE id = ?", [talk])

    assert sql("SELECT count(*) FROM summaries") == [(0,)]
