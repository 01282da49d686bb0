from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from app.services.chat import ChatService
from app.services.conversations import ConversationService
from app.services.engine_runner import EngineRunner
from app.services.quiet import Quiet
from app.services.title_writer import TitleWriter
from app.store import Repository, Store
from inference.engine import Rank, TextDelta, Thinking, ThinkingDelta
from inference.errors import EngineError
from tests.app.services.conftest import MODEL
from tests.app.services.listener import ChatListener
from tests.fakes.engine import UntilCancelled, WaitFor, finished


@pytest.fixture
def writer(
    store: Store, runner: EngineRunner, chat: ChatService, heard: ChatListener
) -> TitleWriter:
    conversations = ConversationService(store, chat)
    return TitleWriter(store, runner, lambda: MODEL, chat, conversations, Quiet(chat, chat), chat)


def titles(store: Store) -> list[str]:
    return [found.title for found in store.submit(Repository.conversations).result(5)]


def ask(qtbot: QtBot, chat: ChatService, heard: ChatListener, text: str, talk: int | None) -> int:
    ends = heard.ends
    chat.send(talk, text)
    qtbot.waitUntil(lambda: heard.ends == ends + 1)
    return heard.questions[-1].conversation_id


def test_the_title_follows_the_first_answer(qtbot, writer, store, engine, chat, heard) -> None:
    engine.answers(TextDelta("Paris."), finished())
    engine.titles(ThinkingDelta("hm"), TextDelta("# Capital "), TextDelta("of France"), finished())
    talk = ask(qtbot, chat, heard, "What is the capital of France?", None)
    qtbot.waitUntil(lambda: titles(store) == ["Capital of France"])
    (request,) = engine.title_requests
    assert request.rank is Rank.BACKGROUND
    assert request.is_private
    assert request.thinking is Thinking.OFF
    assert request.model == MODEL.params
    (message,) = request.messages
    assert "What is the capital of France?" in message.content
    assert "Paris." in message.content

    ask(qtbot, chat, heard, "And of Spain?", talk)
    assert len(engine.title_requests) == 1


def test_a_question_goes_before_the_title(qtbot, writer, store, engine, chat, heard) -> None:
    engine.titles(UntilCancelled())
    engine.titles(TextDelta("At last"), finished())
    talk = ask(qtbot, chat, heard, "first", None)
    qtbot.waitUntil(lambda: len(engine.title_requests) == 1)
    # The engine is busy with the title, yet the answer comes.
    ask(qtbot, chat, heard, "second", talk)
    qtbot.waitUntil(lambda: titles(store) == ["At last"])


def test_without_a_usable_title_the_question_stays(
    qtbot, writer, store, engine, chat, heard
) -> None:
    engine.titles(TextDelta('"…"'), finished())
    engine.titles(EngineError("No", "1", "2"))
    engine.titles(TextDelta("Third"), finished())
    for number, text in enumerate(("first", "second", "third"), start=1):
        ask(qtbot, chat, heard, text, None)
        qtbot.waitUntil(lambda number=number: len(engine.title_requests) == number)
    qtbot.waitUntil(lambda: titles(store) == ["Third", "second", "first"])


def test_no_title_for_a_conversation_that_was_deleted(
    qtbot, writer, store, engine, chat, heard
) -> None:
    go_on = threading.Event()
    engine.answers(TextDelta("a"), WaitFor(go_on), finished())
    chat.send(None, "first")
    qtbot.waitUntil(lambda: heard.text == "a")
    talk = heard.questions[0].conversation_id
    store.submit(lambda repository: repository.delete_conversation(talk)).result(5)
    go_on.set()
    qtbot.waitUntil(lambda: heard.ends == 1)
    ask(qtbot, chat, heard, "other", None)
    qtbot.waitUntil(lambda: len(engine.title_requests) == 1)
    assert "other" in engine.title_requests[0].messages[0].content
