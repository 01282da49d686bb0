"""Versions of messages: shown, removed, brought back, copied."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.context import StoredSummary, Unseen
from app.domain.conversations import Message, ReplyStats, Role, Status
from app.errors import StoreError, StoreMissing
from app.store import Repository
from app.store.connection import Database
from app.store.migrations import MIGRATIONS, migrate
from app.store.tree import newest_leaf

STATS = ReplyStats(
    10,
    20,
    5,
    30.5,
    40.0,
    n_used=30,
    n_ctx=2048,
    seed=7,
    sampling="top_k 40",
    tokens_of_pictures=4,
)


class Talk:
    """A conversation that is written by hand; messages are known by their words."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.id = repository.create_conversation("Sky").id

    def ask(self, words: str, parent: Message | None = None) -> Message:
        parent_id = parent.id if parent else None
        return self.repository.add_user_message(self.id, words, parent_id=parent_id)

    def answer(self, words: str, parent: Message, thought_ms: int = 0) -> Message:
        begun = self.repository.begin_reply(self.id, parent_id=parent.id, model="Tiny")
        return self.repository.finish_reply(
            begun.id, words, "hm", Status.COMPLETE, STATS, thought_ms
        )

    @property
    def shown(self) -> list[str]:
        return [message.content for message in self.repository.messages(self.id)]


@pytest.fixture
def talk(repository: Repository) -> Talk:
    return Talk(repository)


def test_messages_of_one_parent_are_versions(talk: Talk) -> None:
    question = talk.ask("q")
    first = talk.answer("a1", question)
    second = talk.answer("a2", question)
    other = talk.ask("q again")
    assert talk.repository.tree.versions(talk.id) == {
        question.id: (question.id, other.id),
        other.id: (question.id, other.id),
        first.id: (first.id, second.id),
        second.id: (first.id, second.id),
    }
    assert Talk(talk.repository).repository.tree.versions(talk.id + 1) == {}


def test_showing_a_version_shows_what_was_written_last_below_it(talk: Talk) -> None:
    question = talk.ask("q")
    first = talk.answer("a1", question)
    below = talk.ask("b", first)
    talk.answer("c1", below)
    talk.answer("c2", below)
    second = talk.answer("a2", question)
    assert talk.shown == ["q", "a2"]
    before = talk.repository.conversations()

    talk.repository.tree.show(first.id)
    assert talk.shown == ["q", "a1", "b", "c2"]
    talk.repository.tree.show(second.id)
    assert talk.shown == ["q", "a2"]
    talk.repository.tree.end_at(first.id)
    assert talk.shown == ["q", "a1"]
    assert talk.repository.conversations() == before


def test_an_edited_answer_stands_beside_the_one_of_the_model(talk: Talk) -> None:
    question = talk.ask("q")
    answer = talk.answer("a", question, thought_ms=1200)
    follow = talk.ask("b", answer)

    new_id = talk.repository.tree.add_version(answer.id, "my words")

    edited = talk.repository.messages(talk.id)[-1]
    assert talk.shown == ["q", "my words"]
    assert (edited.id, edited.model, edited.thinking) == (new_id, "Tiny", "hm")
    assert (edited.thought_ms, edited.stats) == (1200, None)
    talk.repository.tree.show(answer.id)
    assert talk.repository.messages(talk.id) == [question, answer, follow]


def test_a_question_goes_with_its_answers_and_comes_back(talk: Talk) -> None:
    first = talk.answer("a", talk.ask("q"))
    question = talk.ask("gone", first)
    one = talk.answer("gone 1", question)
    two = talk.answer("gone 2", question)
    talk.ask("after 1", one)
    last = talk.answer("end", talk.ask("after 2", two))
    before = talk.repository.messages(talk.id)

    removed = talk.repository.tree.remove(question.id)

    assert removed.count == 3
    assert talk.shown == ["q", "a", "after 2", "end"]
    assert len(talk.repository.tree.versions(talk.id)) == 2
    more = talk.ask("meanwhile", last)
    talk.repository.tree.restore(removed)
    assert talk.repository.messages(talk.id) == before
    talk.repository.tree.show(more.id)
    assert talk.repository.messages(talk.id) == [*before, more]


def test_the_last_answer_gives_way_to_another_version(talk: Talk) -> None:
    question = talk.ask("q")
    talk.answer("a1", question)
    last = talk.answer("a2", question)
    removed = talk.repository.tree.remove(last.id)
    assert talk.shown == ["q", "a1"]
    talk.repository.tree.restore(removed)
    assert talk.shown == ["q", "a2"]
    talk.repository.tree.remove(question.id)
    assert talk.shown == []


def test_a_summary_comes_back_with_its_message(talk: Talk) -> None:
    answer = talk.answer("a", talk.ask("q"))
    talk.ask("b", answer)
    summary = StoredSummary("short", answer.id)
    talk.repository.contexts.set_summary(talk.id, summary)
    removed = talk.repository.tree.remove(answer.id)
    assert talk.repository.contexts.get(talk.id).summary is None
    talk.repository.tree.restore(removed)
    assert talk.repository.contexts.get(talk.id).summary == summary


def test_what_is_being_written_is_not_removed(talk: Talk) -> None:
    question = talk.ask("q")
    talk.repository.begin_reply(talk.id, parent_id=question.id, model="Tiny")
    with pytest.raises(StoreError, match="still being written"):
        talk.repository.tree.remove(question.id)
    assert talk.shown == ["q", ""]


def test_unknown_messages_are_told(talk: Talk) -> None:
    for change in (
        talk.repository.tree.show,
        talk.repository.tree.end_at,
        talk.repository.tree.remove,
        lambda message_id: talk.repository.tree.branch(message_id, "title"),
        lambda message_id: talk.repository.tree.add_version(message_id, "words"),
    ):
        with pytest.raises(StoreMissing):
            change(99)


def test_a_branch_is_a_conversation_of_its_own(talk: Talk) -> None:
    repository = talk.repository
    first = talk.answer("a", talk.ask("q"), thought_ms=5)
    question = talk.ask("b", first)
    second = talk.answer("c", question)
    repository.contexts.set_unseen(second.id, Unseen(first.id))
    repository.contexts.set_summary(talk.id, StoredSummary("short", first.id))
    talk.ask("d", second)

    branch_id = repository.tree.branch(second.id, "Sky (branch)")

    copied = repository.messages(branch_id)
    assert [message.content for message in copied] == ["q", "a", "b", "c"]
    assert [(m.role, m.stats, m.thought_ms, m.created_at) for m in copied] == [
        (m.role, m.stats, m.thought_ms, m.created_at) for m in repository.messages(talk.id)[:4]
    ]
    assert copied[3].unseen == Unseen(copied[1].id)
    assert repository.contexts.get(branch_id).summary == StoredSummary("short", copied[1].id)
    assert repository.conversations()[0].title == "Sky (branch)"
    repository.tree.remove(copied[1].id)
    assert talk.shown == ["q", "a", "b", "c", "d"]


@given(st.lists(st.integers(0, 30), max_size=40))
def test_the_newest_leaf_has_no_answer(parents: list[int]) -> None:
    links: dict[int, int | None] = {1: None}
    for number, parent in enumerate(parents, start=2):
        links[number] = parent if parent in links else None
    for message_id in links:
        found = newest_leaf(message_id, links)
        assert found not in links.values()
        path = [found]
        while path[-1] is not None:
            path.append(links[path[-1]])
        assert message_id in path


def test_a_circle_ends() -> None:
    assert newest_leaf(1, {1: 2, 2: 1}) == 1


def test_thinking_time_of_older_databases_is_not_known(
    path: Any, sql: Callable[..., list[tuple[Any, ...]]]
) -> None:
    db = Database(sqlite3.connect(path, isolation_level=None))
    migrate(db, MIGRATIONS[:2])
    db.execute("INSERT INTO conversations (title, created_at, updated_at) VALUES ('t', '', '')")
    db.execute(
        "INSERT INTO messages (conversation_id, role, status, created_at, content)"
        " VALUES (1, 'user', 'complete', '2026-11-01T08:00:00+00:00', 'hi')"
    )
    migrate(db)
    message = Repository(db).messages(1)[0]
    db.close()
    assert (message.role, message.content, message.thought_ms) == (Role.USER, "hi", 0)


def test_a_bad_thinking_time_counts_as_unknown(
    talk: Talk, sql: Callable[..., list[tuple[Any, ...]]], caplog: pytest.LogCaptureFixture
) -> None:
    talk.answer("a", talk.ask("q"), thought_ms=7)
    sql("UPDATE messages SET thought_ms = 'long' WHERE thought_ms = 7")
    assert talk.repository.messages(talk.id)[-1].thought_ms == 0
    assert "thought_ms" in caplog.text
