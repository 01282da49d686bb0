"""Which stored messages a request holds, and back."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.context import ConversationContext, StoredSummary, Unseen
from app.domain.conversations import Message, Role, Status
from app.services.history import Hidden, history_of
from inference.engine import ChatMessage, ContextPolicy, MessagesUnseen, Summary


def path(*said: tuple[Role, str]) -> list[Message]:
    """Messages with ids 10, 11 and so on."""
    return [
        Message(
            id=number,
            conversation_id=1,
            parent_id=number - 1,
            role=role,
            content=text,
            thinking="hm",
            status=Status.COMPLETE,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for number, (role, text) in enumerate(said, start=10)
    ]


TALK = path(
    (Role.USER, "one"),
    (Role.USER, "two"),
    (Role.ASSISTANT, "a"),
    (Role.USER, "three"),
    (Role.ASSISTANT, ""),
    (Role.USER, "four"),
    (Role.ASSISTANT, "b"),
    (Role.USER, "five"),
)


def unseen(last: int, summary: Summary | None = None, *, is_new: bool = False) -> MessagesUnseen:
    return MessagesUnseen(0, last, 100, ContextPolicy.DROP_OLDEST, summary, is_new)


def test_each_request_message_knows_the_stored_one_it_ends_with() -> None:
    history = history_of(TALK, continuing=False)

    assert history.messages == (
        ChatMessage("user", "one\n\ntwo"),
        ChatMessage("assistant", "a"),
        ChatMessage("user", "three\n\nfour"),
        ChatMessage("assistant", "b"),
        ChatMessage("user", "five"),
    )
    assert history.ids == (11, 12, 15, 16, 17)


def test_what_is_unseen_is_told_in_stored_messages() -> None:
    history = history_of(TALK, continuing=False)

    assert history.hidden(unseen(1)) == Hidden(Unseen(12), None)
    # Nothing but the beginning of an answer.
    assert history.hidden(unseen(-1)) == Hidden(None, None)
    summary = Summary("They counted.", 4)
    assert history.hidden(unseen(3, summary)) == Hidden(Unseen(16, True), None)
    new = history.hidden(unseen(3, summary, is_new=True))
    assert new == Hidden(Unseen(16, True), StoredSummary("They counted.", 16))


def test_a_stored_summary_comes_back_as_the_engine_told_it() -> None:
    history = history_of(TALK, continuing=False)

    def summary(until_id: int) -> Summary | None:
        context = ConversationContext(summary=StoredSummary("They counted.", until_id))
        return history.summary(context)

    assert summary(16) == Summary("They counted.", 4)
    # Of another branch, or within what has become one message.
    assert summary(99) is None
    assert summary(10) is None
    assert history.summary(ConversationContext()) is None
