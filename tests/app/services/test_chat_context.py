"""Policy and summary on their way through the chat service."""

from __future__ import annotations

import threading

import pytest

from app.domain.context import ConversationContext, StoredSummary, Unseen
from app.domain.conversations import Message, Status
from app.services.chat_events import Phase
from app.services.conversations import ContextRead, ConversationService
from app.services.notices import Notice
from inference.engine import (
    ContextPolicy,
    FinishReason,
    MessagesUnseen,
    Summary,
    SummaryDelta,
    SummaryProgress,
    TextDelta,
)
from tests.fakes.engine import WaitFor, finished


def messages(store, conversation_id: int) -> list[Message]:
    return store.submit(lambda repository: repository.messages(conversation_id)).result(5)


def context(store, conversation_id: int) -> ConversationContext:
    return store.submit(lambda repository: repository.contexts.get(conversation_id)).result(5)


@pytest.fixture
def ask(qtbot, chat, heard):
    def asked(text: str, conversation: int | None = None) -> int:
        ends = heard.ends
        assert chat.send(conversation, text)
        qtbot.waitUntil(lambda: heard.ends == ends + 1)
        return heard.questions[-1].conversation_id

    return asked


def test_a_new_summary_is_shown_stored_and_passed_on(qtbot, chat, heard, engine, store, ask):
    conversation = ask("one")
    ask("two", conversation)
    gate = threading.Event()
    summary = Summary("They said hello.", 2)
    engine.answers(
        SummaryProgress(0.25),
        SummaryDelta("They said hello."),
        WaitFor(gate),
        MessagesUnseen(0, 1, 50, ContextPolicy.SUMMARISE, summary, is_new=True),
        TextDelta("Three."),
        finished(),
    )
    store.submit(
        lambda repository: repository.contexts.set_policy(conversation, ContextPolicy.SUMMARISE)
    ).result(5)
    chat.send(conversation, "three")
    qtbot.waitUntil(lambda: heard.activities[-1].phase is Phase.SUMMARISING)
    assert heard.activities[-1].fraction == 0.25
    gate.set()
    qtbot.waitUntil(lambda: heard.ends == 3)

    _q1, first, _q2, _a2, _q3, reply = messages(store, conversation)
    assert engine.generate_requests[-1].context_policy is ContextPolicy.SUMMARISE
    assert engine.generate_requests[-1].summary is None
    assert reply.unseen == Unseen(first.id, summarised=True)
    assert heard.changed[-1] == reply
    assert context(store, conversation).summary == StoredSummary("They said hello.", first.id)

    ask("four", conversation)
    assert engine.generate_requests[-1].summary == summary


def test_an_answer_that_goes_on_is_told_anew_what_it_misses(chat, qtbot, heard, engine, store, ask):
    conversation = ask("one")
    engine.answers(
        MessagesUnseen(0, 1, 50, ContextPolicy.DROP_OLDEST),
        TextDelta("Two"),
        finished(FinishReason.LENGTH),
    )
    ask("two", conversation)
    assert messages(store, conversation)[-1].unseen is not None
    chat.continue_reply(conversation)
    qtbot.waitUntil(lambda: heard.ends == 3)

    reply = messages(store, conversation)[-1]
    assert (reply.content, reply.status) == ("TwoHello.", Status.COMPLETE)
    assert reply.unseen is None
    assert heard.changed[-1] == reply


def test_a_summary_that_could_not_be_written_is_told(qtbot, chat, heard, engine, ask) -> None:
    told: list[Notice] = []
    chat.summary_failed.connect(told.append)
    conversation = ask("one")
    engine.answers(
        MessagesUnseen(0, 1, 50, ContextPolicy.DROP_OLDEST, note="the model wrote nothing"),
        TextDelta("Two."),
        finished(),
    )
    ask("two", conversation)

    assert len(told) == 1
    assert "the model wrote nothing" in told[0].detail


def test_the_conversation_service_reads_edits_and_undoes(qtbot, store, ask, engine) -> None:
    conversation = ask("one")
    reply = messages(store, conversation)[-1]
    service = ConversationService(store)
    store.submit(
        lambda repository: repository.contexts.set_summary(
            conversation, StoredSummary("old", reply.id)
        )
    ).result(5)

    service.edit_summary(conversation, "new")
    service.set_context_policy(conversation, ContextPolicy.SUMMARISE)
    with qtbot.waitSignal(service.context_read) as read:
        number = service.read_context(conversation)
    expected = ConversationContext(ContextPolicy.SUMMARISE, StoredSummary("new", reply.id))
    assert read.args == [ContextRead(number, conversation, expected)]

    service.remove_summary(conversation)
    with qtbot.waitSignal(service.context_read) as read:
        service.read_context(conversation)
    assert read.args[0].context == ConversationContext()
