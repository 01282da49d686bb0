from __future__ import annotations

import threading

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from app.domain.conversations import Message, ReplyStats, Role, Status
from app.services.chat import ChatService
from app.services.chat_events import Phase
from app.services.engine_runner import EngineRunner
from app.store import Repository, Store
from inference.engine import (
    ChatMessage,
    FinishReason,
    LoadProgress,
    PrefillProgress,
    TextDelta,
    ThinkingDelta,
)
from inference.errors import EngineDied, ModelTooLarge, PromptTooLong
from tests.app.services.listener import ChatListener
from tests.fakes.engine import (
    FakeEngine,
    UntilCancelled,
    Wait,
    WaitFor,
    finished,
    loaded,
)


def ask(
    qtbot: QtBot, chat: ChatService, heard: ChatListener, text: str, conversation: int | None = None
) -> int:
    """Send and wait for the end; the conversation's id."""
    ends = heard.ends
    assert chat.send(conversation, text)
    qtbot.waitUntil(lambda: heard.ends == ends + 1)
    return heard.questions[-1].conversation_id


def start(
    qtbot: QtBot, chat: ChatService, heard: ChatListener, text: str, conversation: int | None = None
) -> int:
    """Send and wait for the first word."""
    chunks = len(heard.chunks)
    assert chat.send(conversation, text)
    qtbot.waitUntil(lambda: len(heard.chunks) > chunks)
    return heard.questions[-1].conversation_id


def stored(store: Store, conversation_id: int) -> list[Message]:
    return store.submit(lambda repository: repository.messages(conversation_id)).result(5)


def test_answer_is_shown_and_stored(qtbot, chat, heard, engine, store) -> None:
    engine.answers(
        LoadProgress(0.5),
        loaded(),
        PrefillProgress(5, 10),
        ThinkingDelta("Hm."),
        TextDelta("Because "),
        TextDelta("of Rayleigh."),
        finished(),
    )
    conversation = ask(qtbot, chat, heard, "Why is the sky blue?")
    question, reply = stored(store, conversation)
    assert (question.role, question.content) == (Role.USER, "Why is the sky blue?")
    assert (reply.content, reply.thinking) == ("Because of Rayleigh.", "Hm.")
    assert (reply.status, reply.model) == (Status.COMPLETE, "Fake model")
    assert reply.stats == ReplyStats(10, 4, 2, 20.0, 40.0, n_used=14, n_ctx=2048)
    assert heard.text == "Because of Rayleigh."
    assert heard.questions[0].created
    assert heard.changed[-1] == reply


def test_phases_come_in_order(qtbot, chat, heard, engine) -> None:
    gates = [threading.Event() for _ in range(3)]
    engine.answers(
        LoadProgress(0.43),
        WaitFor(gates[0]),
        PrefillProgress(1, 4),
        WaitFor(gates[1]),
        TextDelta("x"),
        WaitFor(gates[2]),
        finished(),
    )
    chat.send(None, "hi")
    for gate, phase in zip(gates, (Phase.LOADING, Phase.READING, Phase.ANSWERING), strict=True):
        qtbot.waitUntil(
            lambda phase=phase: (
                heard.activities[-1:] != []
                and heard.activities[-1].phase is phase
                and (phase is not Phase.READING or heard.activities[-1].fraction == 0.25)
            )
        )
        gate.set()
    qtbot.waitUntil(lambda: heard.activities[-1].phase is Phase.IDLE)
    assert heard.activities[0].phase is Phase.WAITING


def test_question_is_committed_before_the_engine_sees_it(qtbot, chat, heard, engine, store):
    seen: list[list[Message]] = []
    run = engine.run

    def watching(request):
        seen.append(stored(store, 1))
        return run(request)

    engine.run = watching
    ask(qtbot, chat, heard, "first")
    assert [message.content for message in seen[0]] == ["first", ""]
    assert [message.status for message in seen[0]] == [Status.COMPLETE, Status.STREAMING]


def test_follow_up_carries_the_history(qtbot, chat, heard, engine) -> None:
    engine.answers(ThinkingDelta("secret"), TextDelta("One."), finished())
    conversation = ask(qtbot, chat, heard, "first")
    ask(qtbot, chat, heard, "second", conversation)
    assert engine.generate_requests[-1].messages == (
        ChatMessage("user", "first"),
        ChatMessage("assistant", "One."),
        ChatMessage("user", "second"),
    )


@pytest.mark.parametrize("text", ["", "  \n\t "])
def test_empty_question_does_nothing(qtbot, chat, heard, engine, store, text) -> None:
    assert chat.send(None, text) == ""
    qtbot.wait(30)
    assert not heard.activities
    assert store.submit(Repository.conversations).result(5) == []


def test_tokens_are_joined_before_they_reach_the_window(qtbot, chat, heard, engine) -> None:
    deltas = [TextDelta(f"{number} ") for number in range(2000)]
    engine.answers(*deltas, finished())
    ask(qtbot, chat, heard, "count")
    assert heard.text == "".join(f"{number} " for number in range(2000))
    assert len(heard.chunks) < 100


def test_stop_keeps_what_was_said(qtbot, chat, heard, engine, store) -> None:
    engine.answers(TextDelta("Half"), UntilCancelled())
    conversation = start(qtbot, chat, heard, "go")
    chat.stop(conversation)
    qtbot.waitUntil(lambda: heard.ends == 1)
    reply = stored(store, conversation)[-1]
    assert (reply.content, reply.status) == ("Half", Status.STOPPED)
    assert reply.stats is not None
    assert reply.stats.tokens_out == 2


def test_stop_before_the_first_word_removes_the_empty_answer(
    qtbot, chat, heard, engine, store
) -> None:
    engine.answers(PrefillProgress(1, 2), UntilCancelled())
    chat.send(None, "go")
    qtbot.waitUntil(lambda: any(a.fraction == 0.5 for a in heard.activities))
    chat.stop(1)
    qtbot.waitUntil(lambda: heard.ends == 1)
    assert [message.role for message in stored(store, 1)] == [Role.USER]
    assert heard.removed == heard.added
    assert not heard.failures


def test_length_is_a_status(qtbot, chat, heard, engine, store) -> None:
    engine.answers(TextDelta("Long"), finished(FinishReason.LENGTH))
    conversation = ask(qtbot, chat, heard, "go")
    assert stored(store, conversation)[-1].status is Status.LENGTH


def test_continue_goes_on_in_the_same_message(qtbot, chat, heard, engine, store) -> None:
    engine.answers(ThinkingDelta("T"), TextDelta("One,"), finished(FinishReason.LENGTH))
    conversation = ask(qtbot, chat, heard, "count")
    engine.answers(TextDelta(" two."), finished(tokens_out=3))
    assert chat.continue_reply(conversation)
    qtbot.waitUntil(lambda: heard.ends == 2)
    request = engine.generate_requests[-1]
    assert request.continue_last
    assert request.messages[-1] == ChatMessage("assistant", "One,", "T")
    _question, reply = stored(store, conversation)
    assert (reply.content, reply.status) == ("One, two.", Status.COMPLETE)
    # 4 and 3 tokens out; the fake's other numbers twice.
    assert reply.stats == ReplyStats(20, 7, 4, 40.0, 80.0, n_used=13, n_ctx=2048)


def test_continue_that_fails_leaves_the_answer_as_it_was(qtbot, chat, heard, engine, store) -> None:
    engine.answers(TextDelta("One,"), finished(FinishReason.LENGTH))
    conversation = ask(qtbot, chat, heard, "count")
    before = stored(store, conversation)[-1]
    engine.answers(EngineDied("died"))
    chat.continue_reply(conversation)
    qtbot.waitUntil(lambda: len(heard.failures) == 1)
    assert stored(store, conversation)[-1] == before


def test_engine_that_dies_leaves_a_partial_answer_and_answers_again(
    qtbot, chat, heard, engine, store
) -> None:
    engine.answers(TextDelta("Half"), EngineDied("The engine died", "signal 9", "Try again."))
    conversation = ask(qtbot, chat, heard, "go")
    reply = stored(store, conversation)[-1]
    assert (reply.content, reply.status) == ("Half", Status.INTERRUPTED)
    assert heard.failures[0].notice.detail == "signal 9"
    assert not heard.failures[0].model_error
    ask(qtbot, chat, heard, "again", conversation)
    assert stored(store, conversation)[-1].content == "Hello."


def test_error_before_the_first_word_removes_the_answer_and_retry_works(
    qtbot, chat, heard, engine, store
) -> None:
    engine.answers(ModelTooLarge("Too large", "48 GB", "Choose another."))
    conversation = ask(qtbot, chat, heard, "go")
    assert [message.role for message in stored(store, conversation)] == [Role.USER]
    assert heard.failures[0].model_error
    assert chat.retry(conversation)
    qtbot.waitUntil(lambda: heard.ends == 2)
    assert [message.content for message in stored(store, conversation)] == ["go", "Hello."]


def test_edited_question_takes_the_place_of_the_unanswered_one(
    qtbot, chat, heard, engine, store
) -> None:
    engine.answers(PromptTooLong("Too long", "9 of 8 tokens", "Shorten it."))
    conversation = ask(qtbot, chat, heard, "x" * 100_000)
    unanswered = stored(store, conversation)[-1]
    chat.send(conversation, "short", replacing=unanswered)
    qtbot.waitUntil(lambda: heard.ends == 2)
    assert heard.questions[-1].replaced_id == unanswered.id
    assert [message.content for message in stored(store, conversation)] == ["short", "Hello."]
    assert engine.generate_requests[-1].messages == (ChatMessage("user", "short"),)


def test_unanswered_questions_in_a_row_become_one(qtbot, chat, heard, engine) -> None:
    engine.answers(EngineDied("died"))
    conversation = ask(qtbot, chat, heard, "one")
    ask(qtbot, chat, heard, "two", conversation)
    assert engine.generate_requests[-1].messages == (ChatMessage("user", "one\n\ntwo"),)


def test_answer_without_words_is_told(qtbot, chat, heard, engine, store) -> None:
    engine.answers(finished())
    conversation = ask(qtbot, chat, heard, "go")
    assert [message.role for message in stored(store, conversation)] == [Role.USER]
    assert "before the first word" in heard.failures[0].notice.title


def test_second_conversation_waits_its_turn(qtbot, chat, heard, engine, store) -> None:
    gate = threading.Event()
    engine.answers(TextDelta("A"), WaitFor(gate), TextDelta("B"), finished())
    first = start(qtbot, chat, heard, "one")
    chat.send(None, "two")
    qtbot.waitUntil(lambda: len(heard.questions) == 2)
    second = heard.questions[1].conversation_id
    assert chat.activity(second).phase is Phase.WAITING
    assert chat.activity(first).phase is Phase.ANSWERING
    gate.set()
    qtbot.waitUntil(lambda: heard.ends == 2)
    assert stored(store, first)[-1].content == "AB"
    assert stored(store, second)[-1].content == "Hello."


def test_waiting_one_can_be_stopped(qtbot, chat, heard, engine, store) -> None:
    engine.answers(TextDelta("A"), UntilCancelled())
    first = start(qtbot, chat, heard, "one")
    chat.send(None, "two")
    qtbot.waitUntil(lambda: len(heard.questions) == 2)
    second = heard.questions[1].conversation_id
    chat.stop(second)
    assert not chat.is_busy(second)
    chat.stop(first)
    qtbot.waitUntil(lambda: not chat.is_busy(first))
    assert len(engine.generate_requests) == 1
    assert [message.content for message in stored(store, second)] == ["two"]


def test_one_answer_at_a_time_in_a_conversation(qtbot, chat, heard, engine) -> None:
    engine.answers(TextDelta("A"), UntilCancelled())
    conversation = start(qtbot, chat, heard, "one")
    assert chat.send(conversation, "two") == ""
    assert chat.retry(conversation) == ""
    assert chat.continue_reply(conversation) == ""
    chat.stop(conversation)
    qtbot.waitUntil(lambda: not chat.is_busy(conversation))


def test_answer_is_saved_while_it_streams(qtbot, chat, heard, engine, store) -> None:
    engine.answers(TextDelta("early"), Wait(0.1), TextDelta(" late"), UntilCancelled())
    conversation = start(qtbot, chat, heard, "go")
    # The second words come within the interval after the first save, and nothing comes after them.
    qtbot.waitUntil(lambda: stored(store, conversation)[-1].content == "early late", timeout=1000)
    assert stored(store, conversation)[-1].status is Status.STREAMING
    assert chat.live_reply(conversation) == stored(store, conversation)[-1]
    chat.stop(conversation)
    qtbot.waitUntil(lambda: heard.ends == 1)


def test_question_that_cannot_be_stored_comes_back(qtbot, chat, heard, engine, store) -> None:
    store.close()
    chat.send(None, "keep me")
    qtbot.waitUntil(lambda: len(heard.send_failures) == 1)
    failure = heard.send_failures[0]
    assert failure.text == "keep me"
    assert failure.notice.hint
    assert not engine.requests


def test_without_a_model_the_question_is_kept(qtbot, runner: EngineRunner, store) -> None:
    chat = ChatService(store, runner, lambda: None)
    heard = ChatListener(chat)
    conversation = ask(qtbot, chat, heard, "hi")
    assert heard.failures[0].model_error
    assert [message.content for message in stored(store, conversation)] == ["hi"]


def test_retry_of_an_answered_question_is_refused(qtbot, chat, heard, engine) -> None:
    conversation = ask(qtbot, chat, heard, "hi")
    chat.retry(conversation)
    qtbot.waitUntil(lambda: len(heard.failures) == 1)
    assert "changed" in heard.failures[0].notice.title
    assert not chat.is_busy(conversation)


def test_flush_records_what_is_on_the_screen(qtbot, chat, heard, engine, store) -> None:
    engine.answers(TextDelta("Half"), UntilCancelled())
    conversation = start(qtbot, chat, heard, "go")
    chat.flush()
    reply = stored(store, conversation)[-1]
    assert (reply.content, reply.status) == ("Half", Status.INTERRUPTED)
    assert reply == replace(heard.added[0], content="Half", status=Status.INTERRUPTED)


def test_flush_before_the_row_is_known_leaves_no_empty_answer(
    qtbot, chat, heard, engine, store
) -> None:
    # The row is being made when the question is told.
    chat.question_stored.connect(lambda _question: chat.flush())
    chat.send(None, "go")
    qtbot.waitUntil(lambda: len(heard.questions) == 1)
    assert not heard.added
    assert [message.role for message in stored(store, 1)] == [Role.USER]


def test_unexpected_error_of_the_engine_is_told(qtbot, chat, heard, engine, caplog) -> None:
    def broken(request):
        raise ValueError("a bug")
        yield

    engine.run = broken
    ask(qtbot, chat, heard, "go")
    assert "a bug" in heard.failures[0].notice.detail
    assert "unexpected" in caplog.text


def test_cancelled_before_the_engine_knew_it(qtbot, engine: FakeEngine, chat, heard) -> None:
    engine.answers(TextDelta("A"), UntilCancelled())
    known = threading.Event()
    run = engine.run

    def late(request):
        known.wait(5)
        yield from run(request)

    engine.run = late
    chat.send(None, "go")
    qtbot.waitUntil(lambda: len(heard.added) == 1)
    chat.stop(1)
    known.set()
    qtbot.waitUntil(lambda: heard.ends == 1)
