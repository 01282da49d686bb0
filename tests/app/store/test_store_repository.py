from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.conversations import Conversation, ReplyStats, Role, Status
from app.errors import StoreError, StoreMissing
from app.store import Repository

STATS = ReplyStats(
    tokens_in=12, tokens_out=34, tokens_reused=5, prefill_ms=67.25, decode_ms=890.125
)


def noon_and(seconds: int) -> datetime:
    return datetime(2026, 11, 20, 12, 0, seconds, tzinfo=UTC)


def contents(repository: Repository, conversation_id: int) -> list[str]:
    return [message.content for message in repository.messages(conversation_id)]


def test_a_new_conversation_is_listed_and_empty(repository: Repository) -> None:
    made = repository.create_conversation("Why is the sky blue?")

    assert made == Conversation(made.id, "Why is the sky blue?", noon_and(0), noon_and(0))
    assert repository.conversations() == [made]
    assert repository.messages(made.id) == []


def test_question_and_answer(repository: Repository) -> None:
    conversation = repository.create_conversation("Sky")
    question = repository.add_user_message(conversation.id, "Why blue?", parent_id=None)
    begun = repository.begin_reply(conversation.id, parent_id=question.id, model="SmolLM2")
    repository.save_reply(begun.id, "Because", "Rayleigh?")
    saved = repository.messages(conversation.id)[-1]
    finished = repository.finish_reply(begun.id, "Because.", "Rayleigh!", Status.COMPLETE, STATS)

    assert (question.role, question.content, question.status) == (
        Role.USER,
        "Why blue?",
        Status.COMPLETE,
    )
    assert (question.parent_id, question.model, question.stats) == (None, "", None)
    assert (begun.role, begun.content, begun.status) == (Role.ASSISTANT, "", Status.STREAMING)
    assert (begun.parent_id, begun.model) == (question.id, "SmolLM2")
    assert (saved.content, saved.thinking, saved.status) == (
        "Because",
        "Rayleigh?",
        Status.STREAMING,
    )
    assert (finished.content, finished.thinking) == ("Because.", "Rayleigh!")
    assert (finished.status, finished.stats) == (Status.COMPLETE, STATS)
    assert repository.messages(conversation.id) == [question, finished]


def test_the_list_is_ordered_by_the_last_message(repository: Repository) -> None:
    first = repository.create_conversation("first")  # 12:00:00
    second = repository.create_conversation("second")  # 12:00:01
    assert [c.title for c in repository.conversations()] == ["second", "first"]

    question = repository.add_user_message(first.id, "?", parent_id=None)  # 12:00:02 and :03
    assert [c.title for c in repository.conversations()] == ["first", "second"]
    assert repository.conversations()[0].updated_at == noon_and(3)

    other = repository.add_user_message(second.id, "?", parent_id=None)  # 12:00:04 and :05
    reply = repository.begin_reply(second.id, parent_id=other.id, model="m")  # 12:00:06 and :07
    early = repository.begin_reply(first.id, parent_id=question.id, model="m")  # 12:00:08 and :09
    repository.save_reply(reply.id, "a", "")
    assert [c.title for c in repository.conversations()] == ["first", "second"]

    repository.finish_reply(reply.id, "a", "", Status.COMPLETE, None)  # 12:00:10
    assert [c.title for c in repository.conversations()] == ["second", "first"]
    assert repository.conversations()[0].updated_at == noon_and(10)
    assert early.created_at == noon_and(8)


def test_renaming_keeps_the_place_in_the_list(repository: Repository) -> None:
    first = repository.create_conversation("first")
    repository.create_conversation("second")

    repository.rename_conversation(first.id, "renamed")

    assert [c.title for c in repository.conversations()] == ["second", "renamed"]


def test_the_bin(repository: Repository) -> None:
    conversation = repository.create_conversation("kept")
    repository.add_user_message(conversation.id, "words", parent_id=None)

    repository.delete_conversation(conversation.id)
    assert repository.conversations() == []

    repository.restore_conversation(conversation.id)
    assert [c.title for c in repository.conversations()] == ["kept"]
    assert contents(repository, conversation.id) == ["words"]


def test_an_edited_question_is_a_branch(repository: Repository) -> None:
    conversation = repository.create_conversation("branches")
    question = repository.add_user_message(conversation.id, "q1", parent_id=None)
    answer = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
    repository.finish_reply(answer.id, "a1", "", Status.COMPLETE, None)
    repository.add_user_message(conversation.id, "q2", parent_id=answer.id)
    assert contents(repository, conversation.id) == ["q1", "a1", "q2"]

    repository.add_user_message(conversation.id, "q2 edited", parent_id=answer.id)
    assert contents(repository, conversation.id) == ["q1", "a1", "q2 edited"]

    repository.add_user_message(conversation.id, "q1 edited", parent_id=None)
    assert contents(repository, conversation.id) == ["q1 edited"]


@pytest.mark.parametrize("status", [Status.STOPPED, Status.INTERRUPTED, Status.LENGTH])
def test_a_cut_off_answer_goes_on(repository: Repository, status: Status) -> None:
    conversation = repository.create_conversation("c")
    question = repository.add_user_message(conversation.id, "q", parent_id=None)
    reply = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
    repository.finish_reply(reply.id, "half", "thought", status, STATS)

    resumed = repository.resume_reply(reply.id)

    assert (resumed.id, resumed.status) == (reply.id, Status.STREAMING)
    assert (resumed.content, resumed.thinking, resumed.stats) == ("half", "thought", STATS)
    done = repository.finish_reply(reply.id, "half and half", "thought", Status.COMPLETE, None)
    assert (done.content, done.stats) == ("half and half", STATS)


def test_a_whole_or_running_answer_cannot_be_resumed(repository: Repository) -> None:
    conversation = repository.create_conversation("c")
    question = repository.add_user_message(conversation.id, "q", parent_id=None)
    reply = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
    with pytest.raises(StoreError, match="streaming"):
        repository.resume_reply(reply.id)

    repository.finish_reply(reply.id, "whole", "", Status.COMPLETE, None)
    with pytest.raises(StoreError, match="complete"):
        repository.resume_reply(reply.id)


def test_a_discarded_reply_gives_the_leaf_back(repository: Repository) -> None:
    conversation = repository.create_conversation("c")
    question = repository.add_user_message(conversation.id, "q", parent_id=None)
    reply = repository.begin_reply(conversation.id, parent_id=question.id, model="m")

    repository.discard_reply(reply.id)

    assert repository.messages(conversation.id) == [question]
    again = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
    assert again.id != reply.id


def test_a_reply_with_words_or_followers_is_not_discarded(repository: Repository) -> None:
    conversation = repository.create_conversation("c")
    question = repository.add_user_message(conversation.id, "q", parent_id=None)
    reply = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
    repository.save_reply(reply.id, "", "a thought")
    with pytest.raises(ValueError, match="empty"):
        repository.discard_reply(reply.id)

    repository.save_reply(reply.id, "", "")
    repository.add_user_message(conversation.id, "and?", parent_id=reply.id)
    with pytest.raises(ValueError, match="empty"):
        repository.discard_reply(reply.id)
    assert contents(repository, conversation.id) == ["q", "", "and?"]


def test_an_answer_does_not_finish_as_streaming(repository: Repository) -> None:
    conversation = repository.create_conversation("c")
    question = repository.add_user_message(conversation.id, "q", parent_id=None)
    reply = repository.begin_reply(conversation.id, parent_id=question.id, model="m")
    with pytest.raises(ValueError, match="streaming"):
        repository.finish_reply(reply.id, "", "", Status.STREAMING, None)


def test_what_is_gone_is_named(repository: Repository) -> None:
    here = repository.create_conversation("here")
    elsewhere = repository.create_conversation("elsewhere")
    message = repository.add_user_message(elsewhere.id, "q", parent_id=None)
    attempts: list[Callable[[], object]] = [
        lambda: repository.rename_conversation(404, "x"),
        lambda: repository.delete_conversation(404),
        lambda: repository.restore_conversation(404),
        lambda: repository.add_user_message(404, "q", parent_id=None),
        lambda: repository.add_user_message(here.id, "q", parent_id=404),
        lambda: repository.add_user_message(here.id, "q", parent_id=message.id),
        lambda: repository.begin_reply(here.id, parent_id=404, model="m"),
        lambda: repository.resume_reply(404),
        lambda: repository.save_reply(404, "", ""),
        lambda: repository.finish_reply(404, "", "", Status.COMPLETE, None),
        lambda: repository.discard_reply(404),
    ]
    for attempt in attempts:
        with pytest.raises(StoreMissing) as caught:
            attempt()
        assert caught.value.title
        assert caught.value.hint
        assert str(message.id if "404" not in caught.value.detail else 404) in caught.value.detail
    assert repository.messages(here.id) == []
    assert contents(repository, elsewhere.id) == ["q"]


def test_several_changes_can_be_one(repository: Repository) -> None:
    def question_without_parent() -> None:
        with repository.transaction():
            conversation = repository.create_conversation("never seen")
            repository.add_user_message(conversation.id, "q", parent_id=404)

    with pytest.raises(StoreMissing):
        question_without_parent()
    assert repository.conversations() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back_as_it_went_in(repository: Repository, text: str) -> None:
    conversation = repository.create_conversation(text)
    question = repository.add_user_message(conversation.id, text, parent_id=None)
    reply = repository.begin_reply(conversation.id, parent_id=question.id, model=text)
    repository.finish_reply(reply.id, text, text, Status.COMPLETE, None)

    stored = repository.messages(conversation.id)
    assert conversation.title == text
    assert [message.content for message in stored] == [text, text]
    assert (stored[1].thinking, stored[1].model) == (text, text)


def test_surrogates_are_joined_or_replaced(repository: Repository) -> None:
    conversation = repository.create_conversation("c")
    repository.add_user_message(conversation.id, "pair \ud83d\ude00 lone \udc80.", parent_id=None)
    assert contents(repository, conversation.id) == ["pair \U0001f600 lone \ufffd."]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(key=st.text(st.characters(exclude_categories=["Cs"])), value=json_values)
def test_settings_come_back(repository: Repository, key: str, value: Any) -> None:
    repository.set_setting(key, "replaced by the next")
    repository.set_setting(key, value)
    assert repository.setting(key) == value


def test_a_setting_that_was_never_made(repository: Repository) -> None:
    assert repository.setting("unknown") is None


def test_a_setting_that_json_cannot_hold(repository: Repository) -> None:
    repository.set_setting("n", 1)
    with pytest.raises(ValueError, match="JSON"):
        repository.set_setting("n", float("nan"))
    assert repository.setting("n") == 1
