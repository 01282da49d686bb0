from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.domain.conversations import Status
from app.services import reply_saver
from app.services.chat import ChatService
from app.store import Store
from inference.engine import TextDelta
from tests.app.services.listener import ChatListener
from tests.fakes.engine import FakeEngine, UntilCancelled


def test_end_is_recorded_once_the_database_is_free_again(
    qtbot: QtBot,
    chat: ChatService,
    heard: ChatListener,
    engine: FakeEngine,
    store: Store,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reply_saver, "TRY_AGAIN_MS", 50)
    engine.answers(TextDelta("Every word"), UntilCancelled())
    chat.send(None, "go")
    qtbot.waitUntil(lambda: heard.text == "Every word")
    with closing(sqlite3.connect(data_dir / "conclave.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        chat.stop(1)
        qtbot.waitUntil(lambda: len(heard.failures) == 1)
        assert heard.failures[0].notice.hint
        other.execute("ROLLBACK")

    def status() -> Status:
        return store.submit(lambda repository: repository.messages(1)[-1].status).result(5)

    qtbot.waitUntil(lambda: status() is Status.STOPPED)
    assert len(heard.failures) == 1
