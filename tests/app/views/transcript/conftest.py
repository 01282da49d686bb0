"""A shown view with its model, and messages to put into it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from pytestqt.qtbot import QtBot

from app.domain.conversations import Message, ReplyStats, Role, Status
from app.item_models.transcript import TranscriptModel
from app.views.theme import LIGHT
from app.views.transcript import TranscriptView

MessageMaker = Callable[..., Message]


@pytest.fixture
def make() -> MessageMaker:
    """Makes messages: odd ids are the user's, even ones a model's."""

    def made(
        message_id: int,
        content: str,
        *,
        role: Role | None = None,
        thinking: str = "",
        status: Status = Status.COMPLETE,
        stats: ReplyStats | None = None,
    ) -> Message:
        role = role or (Role.USER if message_id % 2 else Role.ASSISTANT)
        return Message(
            id=message_id,
            conversation_id=1,
            parent_id=message_id - 1 or None,
            role=role,
            content=content,
            thinking=thinking,
            status=status,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            model="Tiny 1B" if role is Role.ASSISTANT else "",
            stats=stats,
        )

    return made


@pytest.fixture
def model(qtbot: QtBot) -> TranscriptModel:
    return TranscriptModel()


@pytest.fixture
def view(qtbot: QtBot, model: TranscriptModel) -> TranscriptView:
    view = TranscriptView()
    qtbot.addWidget(view)
    view.set_theme(LIGHT)
    view.setModel(model)
    view.resize(700, 500)
    view.show()
    qtbot.waitExposed(view)
    return view
