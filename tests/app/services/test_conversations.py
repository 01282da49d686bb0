from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.domain.conversations import Conversation
from app.services.conversations import ConversationService, OpenedConversation
from app.services.notices import Notice
from app.store import Store


@pytest.fixture
def conversations(qtbot: QtBot, store: Store) -> ConversationService:
    return ConversationService(store)


def create(store: Store, title: str) -> Conversation:
    return store.submit(lambda repository: repository.create_conversation(title)).result(5)


def titles(qtbot: QtBot, service: ConversationService) -> list[str]:
    with qtbot.waitSignal(service.listed) as listed:
        service.reload()
    return [conversation.title for conversation in listed.args[0]]


def test_lists_the_newest_first(qtbot, conversations, store) -> None:
    create(store, "old")
    create(store, "new")
    assert titles(qtbot, conversations) == ["new", "old"]


def test_opens_the_messages(qtbot, conversations, store) -> None:
    made = create(store, "one")
    question = store.submit(
        lambda repository: repository.add_user_message(made.id, "hi", parent_id=None)
    ).result(5)
    with qtbot.waitSignal(conversations.opened) as opened:
        number = conversations.open(made.id)
    assert opened.args == [OpenedConversation(number, made.id, (question,))]


def test_renames_and_lists_again(qtbot, conversations, store) -> None:
    made = create(store, "one")
    with qtbot.waitSignal(conversations.listed) as listed:
        conversations.rename(made.id, " An  other ")
    assert [conversation.title for conversation in listed.args[0]] == ["An other"]


def test_delete_and_undo(qtbot, conversations, store) -> None:
    made = create(store, "one")
    with qtbot.waitSignal(conversations.listed) as listed:
        conversations.delete(made)
    assert listed.args == [()]
    with qtbot.waitSignal(conversations.listed) as listed:
        conversations.restore(made.id)
    assert listed.args[0][0].id == made.id


def test_errors_become_notices(qtbot, conversations, store) -> None:
    with qtbot.waitSignal(conversations.failed) as failed:
        conversations.rename(99, "nobody")
    assert isinstance(failed.args[0], Notice)
    assert "99" in failed.args[0].detail
